""" "I know this person": the case is gone for them, everywhere, and somebody else can have it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from cases.actions import notify
from cases.actions.add_note import add_note
from cases.actions.assign import take_case, take_next
from cases.actions.know_person import know_person
from cases.actions.legal_hold import lift_legal_hold, set_legal_hold
from cases.actions.open_file import open_personal_data
from cases.actions.open_files import open_case_file, open_case_files
from cases.actions.take_up import take_up_report_events
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import NotAllowed, NotFound
from cases.models import Case, DutyShift, OutboxMessage, Recusal, TimelineEvent, User
from cases.queries.case_file import case_of
from cases.queries.queue import Filters, queue
from intake.actions.correct_report import correct_report
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.models import AccessRecord
from tests.cases.arrange import acting, in_state, on_duty, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.intake.filing import ready

HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def _console(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]


@pytest.fixture
def user() -> User:
    return staff(languages_read=["az", "ru", "en"])


def references(user: User, now: datetime) -> list[str]:
    return [row["reference"] for row in queue(user, tab="open", filters=Filters(), after="", now=now).rows]


def test_the_case_does_not_exist_for_them_any_more(user: User, now: datetime) -> None:
    case = opened(now)
    assert case_of(user, case.reference, now=now) is not None
    know_person(case_id=case.pk, by=acting(user), now=now)
    assert case_of(user, case.reference, now=now) is None
    assert references(user, now) == []
    assert references(staff(), now) == [case.reference]


def test_they_are_never_given_it_by_anybody(user: User, now: datetime) -> None:
    case, supervisor = opened(now), staff("supervisor")
    know_person(case_id=case.pk, by=acting(user), now=now)
    assert take_next(user_id=user.pk, now=now) is None
    for by, refusal in ((user, NotFound), (supervisor, NotAllowed)):
        with pytest.raises(refusal):
            take_case(case_id=case.pk, user_id=user.pk, by=acting(by), now=now)


def test_who_was_responsible_is_it_no_longer_and_the_case_is_free(user: User, now: datetime) -> None:
    case = opened(now)
    take_case(case_id=case.pk, user_id=user.pk, by=acting(user), now=now)
    know_person(case_id=case.pk, by=acting(user), now=now)
    case.refresh_from_db()
    assert case.responsible is None
    assert not case.assignments.filter(ended_at__isnull=True).exists()
    taken = take_next(user_id=staff().pk, now=now)
    assert taken is not None and taken.pk == case.pk


def test_twice_is_once_and_the_timeline_says_no_reason(user: User, now: datetime) -> None:
    case = opened(now)
    for _ in range(2):
        know_person(case_id=case.pk, by=acting(user), now=now)
    assert Recusal.objects.count() == 1
    event = TimelineEvent.objects.get(code="recused")
    assert event.details == {"user": str(user.pk)}


def test_of_the_other_side_there_is_nothing_to_know(now: datetime) -> None:
    with pytest.raises(NotFound):
        know_person(case_id=opened(now).pk, by=acting(staff(side="RU")), now=now)
    assert not Recusal.objects.exists()


@pytest.mark.parametrize("act", ["personal", "files", "file", "hold", "lift", "note", "write"])
def test_no_action_reaches_it_whatever_door_forgets_to_ask(act: str, now: datetime) -> None:
    case, by = opened(now), acting(staff("supervisor"))
    file = ready(case.report_id, now)
    set_legal_hold(case_id=case.pk, reason="court", until=now.date(), by=acting(staff("supervisor")), now=now)
    know_person(case_id=case.pk, by=by, now=now)
    acts: dict[str, Callable[[], object]] = {
        "personal": lambda: open_personal_data(case_id=case.pk, by=by, now=now),
        "files": lambda: open_case_files(case_id=case.pk, by=by, now=now),
        "file": lambda: open_case_file(case_id=case.pk, file_id=file.pk, by=by, now=now),
        "hold": lambda: set_legal_hold(case_id=case.pk, reason="court", until=now.date(), by=by, now=now),
        "lift": lambda: lift_legal_hold(case_id=case.pk, by=by, now=now),
        "note": lambda: add_note(case_id=case.pk, text="x", by=by, now=now),
        "write": lambda: write_to_reporter(case_id=case.pk, text="x", by=by, now=now),
    }
    with pytest.raises(NotFound):
        acts[act]()
    assert not AccessRecord.objects.filter(by_ref=by.ref).exists()


def test_from_the_page_every_door_of_the_case_is_shut(user: User, now: datetime) -> None:
    case, client = opened(now, story="Canary story"), signed_in(user)
    where = f"/console/cases/{case.reference}/"
    assert client.post(f"{where}known/").headers["Location"] == "/console/queue/"
    assert client.get(where).status_code == 404
    for act in ("personal", "triage", "note", "offer", "take", "vital", "known"):
        assert client.post(f"{where}{act}/", {"text": "x", "seen": "x"}).status_code == 404, act
    assert Case.objects.get().reference not in client.get("/console/queue/?tab=open").content.decode()


# --- what they are told


Told = Callable[[Case, datetime], list[OutboxMessage]]
NOTICES: dict[str, Told] = {
    "transfer_waits": notify.transfer_waits,
    "closing_proposed": lambda case, now: notify.closing_proposed(case, staff().pk, now),
    "vital_interest_asked": lambda case, now: notify.vital_interest_asked(case, staff().pk, now),
    "closing_sent_back": lambda case, now: notify.closing_sent_back(case, staff(is_active=False).pk, now),
    "follow_up": lambda case, now: notify.follow_up(case, uuid4(), now, None, now),
    "reporter_wrote": notify.reporter_wrote,
    "complaint": lambda case, now: notify.complaint(case, now, concerns=()),
    "urgent_case": notify.urgent_case,
    "unrouted": notify.unrouted,
    "partner_moved": lambda case, now: notify.partner_moved(case, "completed", now),
    "case_transferred": notify.case_transferred,
}


@pytest.mark.parametrize("kind", NOTICES)
def test_no_notice_of_the_case_goes_to_them_of_either_side(kind: str, now: datetime) -> None:
    case = opened(now)
    ours, theirs = staff("supervisor"), staff("supervisor", "RU")
    others = {staff("supervisor").pk, staff("supervisor", "RU").pk}
    for one in (ours, theirs):
        Recusal.objects.create(case=case, user=one, at=now)
        DutyShift.objects.create(side=one.side, user=one, starts_at=now - HOUR, ends_at=now + HOUR)
    told = {row.user_id for row in NOTICES[kind](case, now)}
    assert told and told <= others


def test_a_follow_up_of_their_own_reminds_somebody_else(now: datetime) -> None:
    case, user, other = opened(now), staff(), staff("supervisor")
    Recusal.objects.create(case=case, user=user, at=now)
    assert [row.user_id for row in notify.follow_up(case, uuid4(), now, user, now)] == [other.pk]


def test_an_alarm_that_was_raised_after_triage_is_handed_on_too(user: User, now: datetime) -> None:
    case = in_state(opened(now), "in_progress", triaged_at=now)
    on_duty(user, now)
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="", now=now + HOUR)
    take_up_report_events(report_id=case.report_id, now=now + HOUR)
    colleague = staff()
    DutyShift.objects.update(user=colleague)
    know_person(case_id=case.pk, by=acting(user), now=now + HOUR)
    alarms = OutboxMessage.objects.filter(kind="urgent_case").values_list("user", flat=True)
    assert set(alarms) == {user.pk, colleague.pk}


def test_neither_what_was_sent_nor_what_partners_still_hold_names_it(now: datetime) -> None:
    case, knows, other = opened(now), staff("supervisor"), staff("supervisor")
    row = referral(case, partner("AZ"), now, "accepted")
    body = row.partner.body
    ask_partner_erasure_step(report_id=case.report_id, bodies={row.pk: body.pk}, now=now)
    notify.write_outbox(notify.unrouted(case, now))
    know_person(case_id=case.pk, by=acting(knows), now=now)
    for address in ("deliveries/", "erasures/"):
        seen = {user: signed_in(user).get(f"/console/{address}").content.decode() for user in (knows, other)}
        assert case.reference in seen[other] and case.reference not in seen[knows], address
