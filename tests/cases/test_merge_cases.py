"""One case is worked on, two people keep their own page; and what was merged can be given back at any time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from cases.actions.give_back import give_back_waiting, unmerge_case
from cases.actions.know_person import know_person
from cases.actions.merge_cases import merge_cases
from cases.actions.take_up import take_up_report_events
from cases.errors import CannotMerge, MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, Merge, OutboxMessage, PartnerChange, TimelineEvent, User
from intake.actions.change_consent import ask_consent
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.messages import post_message
from intake.actions.publish_status import publish_status
from intake.actions.withdraw_report import withdraw_report
from intake.errors import DomainError, InvalidInput
from intake.models import ConsentRequest, Report
from intake.queries.mailboxes import mailbox
from tests.cases.arrange import OPTED_IN, SHARED, acting, at_once, in_state, opened, partner, referral, staff
from tests.cases.links_arrange import two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)


def merge(case: Case, into: Case, now: datetime, user: User | None = None) -> Merge:
    row = merge_cases(case_id=case.pk, into_id=into.pk, by=acting(user or staff()), now=now)
    case.refresh_from_db()
    into.refresh_from_db()
    return row


def unmerge(case: Case, now: datetime, user: User | None = None, reason: str = "own_work") -> Case:
    return unmerge_case(case_id=case.pk, reason=reason, by=acting(user or staff()), now=now)


def page(case: Case, now: datetime) -> tuple[str, datetime | None, Any]:
    box = mailbox(case.report_id, now)
    assert box is not None
    return box.status.code, box.status.expected_by, box.status.organisation


def codes(case: Case) -> list[str]:
    return list(TimelineEvent.objects.filter(case=case).values_list("code", flat=True))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CannotMerge) as error:
        act()
    return str(error.value.params["reason"])


def test_a_merged_case_rests_and_both_timelines_say_so_by_id(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    assert (case.state, case.due_at, case.due_kind, case.routing_wanted_at) == ("duplicate", None, "", None)
    assert into.state == "triage" and into.due_at is not None
    events = TimelineEvent.objects.filter(code__startswith="merged").values_list("case", "code", "details")
    assert sorted(events, key=lambda row: row[1]) == [
        (case.pk, "merged", {"case": str(into.pk)}),
        (into.pk, "merged_into_this", {"case": str(case.pk)}),
    ]


def test_its_partners_lose_it_and_nobody_else_gets_it(now: datetime) -> None:
    case, into = two(now)
    mine, theirs = referral(case, partner(), now, state="accepted"), referral(into, partner(), now)
    ask_consent(report_id=case.report_id, body_id=mine.partner.body_id, now=now)
    merge(case, into, now)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, mine.withdrawal_reason, theirs.state) == ("withdrawn", "merged", "offered")
    change = PartnerChange.objects.get()
    assert (change.partner_id, change.reason, change.is_tombstone) == (mine.partner_id, "merged", True)
    assert set(OutboxMessage.objects.filter(audience="partner").values_list("partner", "kind")) == {
        (mine.partner_id, "offer_withdrawn")
    }
    assert not ConsentRequest.objects.filter(closed_at__isnull=True).exists()


def test_its_reporter_reads_the_other_cases_status_and_nothing_else_of_it(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    assert page(case, now) == page(into, now) == ("triage", into.triage_due_at, None)
    shelter = partner()
    publish_status(report_id=into.report_id, code="accepted", organisation_id=shelter.body_id, now=now)
    assert page(into, now) == ("accepted", None, shelter.body)
    assert page(case, now) == ("accepted", None, None)


@pytest.mark.parametrize("code", ["waiting_for_reporter", "withdrawn", "duplicate"])
def test_what_only_the_other_person_was_asked_or_did_is_not_told(now: datetime, code: str) -> None:
    case, into = two(now)
    merge(case, into, now)
    publish_status(report_id=into.report_id, code=code, expected_by=now, now=now)
    assert page(case, now) == ("in_progress", None, None)


def test_whoever_is_responsible_for_the_other_case_hears_what_its_person_writes(now: datetime) -> None:
    case, into = two(now)
    worker, other = staff(), staff()
    Case.objects.filter(pk=into.pk).update(responsible=worker)
    Case.objects.filter(pk=case.pk).update(responsible=other)
    merge(case, into, now)
    post_message(report_id=case.report_id, text="Canary", submission_key="a", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    row = OutboxMessage.objects.get(kind="reporter_wrote")
    assert (row.user, row.params["reference"]) == (worker, case.reference)


def test_unless_they_know_that_person(now: datetime) -> None:
    case, into = two(now)
    worker, other = staff(), staff()
    Case.objects.filter(pk=into.pk).update(responsible=worker)
    Case.objects.filter(pk=case.pk).update(responsible=other)
    merge(case, into, now)
    know_person(case_id=case.pk, by=acting(worker), now=now)
    post_message(report_id=case.report_id, text="Canary", submission_key="a", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    assert OutboxMessage.objects.get(kind="reporter_wrote").user == other


def test_a_merged_person_in_sudden_danger_still_raises_the_alarm(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="a", now=now)
    on_duty = staff()
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert (case.state, case.urgency, case.due_at) == ("duplicate", 1, None)
    assert OutboxMessage.objects.filter(kind="urgent_case", case=case, user=on_duty).exists()


def test_no_chains_no_circles_and_nothing_into_what_has_ended(now: datetime) -> None:
    a, b = two(now)
    c, d = two(now)
    merge(b, a, now)
    assert refused(lambda: merge(c, b, now)) == "merged"
    assert refused(lambda: merge(a, c, now)) == "has_merged"
    assert refused(lambda: merge(a, b, now)) == "merged"
    with pytest.raises(MoveNotAllowed):
        merge(b, c, now)
    in_state(d, "closed")
    assert refused(lambda: merge(c, d, now)) == "ended"
    with pytest.raises(InvalidInput):
        merge(c, c, now)
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("is_into", [True, False])
def test_nothing_with_a_report_that_was_taken_back(now: datetime, is_into: bool) -> None:
    one, other = two(now)
    withdraw_report(report_id=one.report_id, now=now)  # not yet taken up
    pair = (other, one) if is_into else (one, other)
    assert refused(lambda: merge(*pair, now)) == "taken_back"


def test_of_another_side_or_of_a_known_person_there_is_nothing_to_merge(now: datetime) -> None:
    one, other = two(now)
    user, of_russia = staff(), opened(now, handler="RU")
    know_person(case_id=other.pk, by=acting(user), now=now)
    for pair in ((one, of_russia), (of_russia, one), (one, other), (other, one)):
        with pytest.raises(NotFound):
            merge(*pair, now, user)
    with pytest.raises(NotAllowed):
        merge(one, other, now, staff("auditor"))


def test_given_back_it_is_triaged_anew_with_its_own_round_clocks_and_status(now: datetime) -> None:
    case, into = two(now, contact=OPTED_IN)
    Case.objects.filter(pk=case.pk).update(triaged_at=now, triage_missed=True)
    row, later = merge(case, into, now), now + HOUR
    given = unmerge(case, later, reason="other_person")
    assert (given.state, given.round, given.triaged_at, given.triage_missed) == ("triage", 2, None, False)
    assert given.due_kind == "triage" and given.due_at == given.triage_due_at and given.due_at > later
    assert page(given, later) == ("triage", given.due_at, None)
    row.refresh_from_db()
    assert (row.ended_at, row.ended_because) == (later, "other_person")
    assert codes(case)[-1] == "unmerged" and codes(into)[-1] == "unmerged_from_this"
    assert OutboxMessage.objects.filter(kind="status_changed", case=case).count() == 1
    assert merge(given, into, later).ended_at is None


def test_only_what_is_merged_is_given_back_and_with_a_reason(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    with pytest.raises(InvalidInput):
        unmerge(case, now, reason="gone")
    for user in (staff(side="RU"), staff("partner_coordinator")):
        with pytest.raises((NotFound, NotAllowed)):
            unmerge(case, now, user)
    knows = staff()
    know_person(case_id=case.pk, by=acting(knows), now=now)
    with pytest.raises(NotFound):
        unmerge(case, now, knows)
    unmerge(case, now)
    with pytest.raises(MoveNotAllowed):
        unmerge(case, now)


@pytest.mark.parametrize("act", ["erase", "withdraw"])
def test_when_the_other_report_goes_the_merged_person_is_not_forgotten_with_it(now: datetime, act: str) -> None:
    case, into = two(now, contact=OPTED_IN)
    merge(case, into, now)
    supervisor = staff("supervisor")
    take_back(into, act, now)
    assert page(case, now)[0] == "in_progress"
    assert give_back_waiting(now=now) == 1
    case.refresh_from_db()
    assert (case.state, case.round, case.due_kind) == ("triage", 2, "triage")
    assert page(case, now) == ("triage", case.due_at, None)
    assert set(OutboxMessage.objects.filter(kind="given_back").values_list("user", "case")) == {
        (supervisor.pk, case.pk)
    }
    assert Merge.objects.get().ended_because == "gone" and Merge.objects.get().ended_by is None
    assert give_back_waiting(now=now) == 0


@pytest.mark.parametrize("act", ["erase", "withdraw"])
def test_who_takes_back_a_merged_report_has_taken_it_back(now: datetime, act: str) -> None:
    case, into = two(now)
    merge(case, into, now)
    take_back(case, act, now)
    give_back_waiting(now=now)
    case.refresh_from_db()
    into.refresh_from_db()
    assert (case.state, into.state) == ("withdrawn", "triage")
    if act == "withdraw":
        assert page(case, now)[0] == "withdrawn"
    assert not Merge.objects.in_force().exists()
    assert not OutboxMessage.objects.filter(kind="given_back").exists()


def test_a_withdrawn_report_reads_so_before_anybody_took_that_up(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    publish_status(report_id=into.report_id, code="accepted", now=now)
    withdraw_report(report_id=case.report_id, now=now)
    assert page(case, now)[0] != "accepted"


def test_each_sweep_looks_at_the_next_merges_and_begins_again_after_the_last(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.actions.give_back.LOOKED_AT", 2)
    pairs = [two(now) for _ in range(3)]
    for case, into in pairs:
        merge(case, into, now)
    found = []
    for case, _into in reversed(pairs):
        Case.objects.filter(pk=case.pk).update(state="triage")
        found.append([give_back_waiting(now=now), give_back_waiting(now=now)])
    assert found == [[0, 1], [1, 0], [1, 0]]


def test_a_sweep_that_finds_more_than_it_may_give_back_goes_on_there(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.actions.give_back.LOOKED_AT", 2)
    rows = []
    for case, into in [two(now) for _ in range(3)]:
        rows.append(merge(case, into, now))
        Case.objects.filter(pk=case.pk).update(state="triage")
    for number in range(3):
        assert give_back_waiting(now=now, limit=1) == 1
        assert list(Merge.objects.in_force().order_by("pk")) == rows[number + 1 :]


def test_a_case_that_goes_on_by_itself_ends_the_merge(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    Case.objects.filter(pk=case.pk).update(state="triage")  # reopened elsewhere
    publish_status(report_id=case.report_id, code="routing", now=now)
    assert give_back_waiting(now=now) == 1
    assert not Merge.objects.in_force().exists() and page(case, now)[0] == "routing"


def test_both_people_are_told_of_a_new_status_each_once(now: datetime) -> None:
    from cases.actions.triage import confirm_triage

    case, into = two(now, contact=OPTED_IN, consent=SHARED)
    merge(case, into, now)
    for number in range(2):
        Case.objects.filter(pk=into.pk).update(state="triage")
        confirm_triage(
            case_id=into.pk,
            category="WRK",
            subcode="UNPAID",
            urgency=into.urgency,
            next_step="in_progress",
            by=acting(staff()),
            now=now + number * HOUR,
        )
    told = OutboxMessage.objects.filter(kind="status_changed").values_list("case", flat=True)
    assert sorted(told, key=str) == sorted([case.pk, case.pk, into.pk, into.pk], key=str)


def test_the_database_knows_one_merge_of_a_case_and_none_into_itself(now: datetime) -> None:
    one, other = two(now)
    row = merge(one, other, now)
    for wrong in ({"case": one, "into": opened(now)}, {"case": other, "into": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Merge.objects.create(merged_by=row.merged_by, merged_at=now, **wrong)


def take_back(case: Case, act: str, now: datetime) -> None:
    if act == "erase":
        erase_report(report_id=case.report_id, because="reporter", now=now)
    else:
        withdraw_report(report_id=case.report_id, now=now)
    take_up_report_events(report_id=case.report_id, now=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_that_merge_crosswise_exactly_one_wins(now: datetime, is_postgres: bool) -> None:
    assert is_postgres
    for _round in range(5):
        one, other = two(now)
        pairs = [(one.pk, other.pk), (other.pk, one.pk)]
        ends = at_once(2, lambda pairs=pairs: _attempt(pairs.pop(), now))  # type: ignore[misc]
        assert sorted(ends)[-1] == "won" and ends.count("won") == 1
        assert sorted(Case.objects.filter(pk__in=(one.pk, other.pk)).values_list("state", flat=True)) == [
            "duplicate",
            "triage",
        ]


def _attempt(pair: tuple[UUID, UUID], now: datetime) -> str:
    try:
        merge_cases(case_id=pair[0], into_id=pair[1], by=acting(staff()), now=now)
    except DomainError as error:
        return f"refused: {error.code}"
    return "won"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_that_give_back_one_does_and_so_of_two_sweeps(now: datetime, is_postgres: bool) -> None:
    assert is_postgres
    for act in ("by hand", "by the sweep"):
        case, into = two(now)
        merge(case, into, now)
        if act == "by hand":
            ends = at_once(2, lambda case=case: _given_back(case, now))  # type: ignore[misc]
            assert sorted(ends) == ["move_not_allowed", "won"]
        else:
            take_back(into, "withdraw", now)
            assert sorted(at_once(2, lambda: give_back_waiting(now=now))) == [0, 1]
        assert codes(case).count("unmerged") == 1 and Case.objects.get(pk=case.pk).round == 2


def _given_back(case: Case, now: datetime) -> str:
    try:
        unmerge(case, now)
    except DomainError as error:
        return error.code
    return "won"


@pytest.mark.parametrize("gone", ["withdrawn_at", "erased_at", "side"])
def test_a_merge_ends_when_the_other_case_went_away_before_anybody_took_that_up(gone: str, now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    assert give_back_waiting(now=now) == 0
    if gone == "side":
        Case.objects.filter(pk=into.pk).update(side="RU")
    else:
        Report.objects.filter(pk=into.report_id).update(**{gone: now})
    assert give_back_waiting(now=now + HOUR) == 1
    case.refresh_from_db()
    assert case.state == "triage" and not Merge.objects.in_force().exists()


def test_a_closed_duplicate_whose_report_is_taken_back_stays_closed(now: datetime) -> None:
    case, into = two(now)
    merge(case, into, now)
    in_state(case, "closed", outcome="duplicate")
    take_back(case, "withdraw", now)
    assert give_back_waiting(now=now) == 1
    case.refresh_from_db()
    assert (case.state, case.outcome, Merge.objects.in_force().count()) == ("closed", "duplicate", 0)
