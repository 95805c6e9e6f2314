"""What follows when a person names somebody anew, or is reached another way: conflicts, suggestions, urgency."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.heed_actor import heed_actor_step
from cases.actions.heed_correction import heed_correction_step
from cases.actions.offer import offer_case
from cases.actions.route_case import route_case
from cases.actions.take_up import take_up_report_events
from cases.errors import NotAllowed
from cases.models import Case, OutboxMessage, PartnerChange, Referral, RoutingPolicy, TimelineEvent
from cases.queries.remembered import forget_reference
from intake.actions.change_contact import change_contact
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ContactEntry
from intake.models import Correction, IntakeEvent, PublicStatus, ReportKey
from tests.cases.arrange import acting, on_duty, opened, partner, referral, staff
from tests.cases.links_arrange import PHONE, compared
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL = ContactEntry(method="email", value="someone@example.org", timezone="Europe/Moscow")
CLOSE = {"related_bodies": ["Əliyev Tikinti MMC"]}


@pytest.fixture
def world() -> None:
    make_reference()


def name(case: Case, actor: str | None, now: datetime) -> Case:
    correct_report(report_id=case.report_id, part="actor_name", content=actor, submission_key="", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    return case


def reached(case: Case, contact: ContactEntry, now: datetime, **voice: Any) -> Case:
    change_contact(report_id=case.report_id, contact=contact, now=now, **voice)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    return case


def kinds() -> list[str]:
    return list(OutboxMessage.objects.order_by("kind").values_list("kind", flat=True))


# --- who did it, said anew


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("at_first", "anew"),
    [("", "ООО «Алиев Тикинти»"), ("Strela", "Aliyev Tikinti"), ("Əliyev Tikinti", "Strela"), ("Алиев Тикинти", None)],
    ids=["only anew", "somebody else at first", "somebody else since", "taken back"],
)
def test_whoever_is_close_to_somebody_ever_named_is_not_asked(at_first: str, anew: str | None) -> None:
    close, free = make_partner("close", **CLOSE), make_partner("free")
    case = make_case(actor_name=at_first)
    correct_report(report_id=case.report_id, part="actor_name", content=anew, submission_key="", now=NOW)
    decision = route_case(case_id=case.pk, now=NOW)
    assert decision is not None and decision.chosen == [str(free.pk)]
    assert [row["reasons"] for row in decision.rejected if row["partner"] == str(close.pk)] == [
        ["conflict_of_interest"]
    ]


@pytest.mark.usefixtures("world")
def test_an_open_offer_is_withdrawn_at_once_and_the_next_partner_is_asked() -> None:
    close, _somebody = make_partner("close", **CLOSE), staff("supervisor")
    case = make_case()
    route_case(case_id=case.pk, now=NOW)
    assert Referral.objects.get().partner == close
    free = make_partner("free")
    case = name(case, "Алиев Тикинти", NOW + HOUR)
    row = Referral.objects.get()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "by_caseworker")
    assert (case.state, case.routing_wanted_at) == ("routing", NOW + HOUR)
    assert TimelineEvent.objects.get(code="conflict_found").details == {"partner": str(close.pk)}
    assert "conflict_found" not in kinds(), "nothing is left for a person to decide"
    route_case(case_id=case.pk, now=NOW + HOUR)
    assert Referral.objects.get(state="offered").partner == free


@pytest.mark.usefixtures("world")
def test_the_partner_reads_that_it_ended_and_never_why() -> None:
    close = make_partner("close", **CLOSE)
    case = make_case()
    route_case(case_id=case.pk, now=NOW)
    name(case, "Canary Əliyev Tikinti", NOW + HOUR)
    newest = PartnerChange.objects.filter(partner=close).order_by("-pk").first()
    assert newest is not None and newest.kind == "referral.withdrawn"
    sent = OutboxMessage.objects.filter(kind="offer_withdrawn", partner=close)
    assert sent.exists()
    told = str(list(sent.values("params"))) + str(PartnerChange.objects.filter(partner=close).values())
    assert "conflict" not in told and "Canary" not in told
    everything = (OutboxMessage, PartnerChange, TimelineEvent, IntakeEvent)
    assert "Canary" not in str([list(model.objects.values()) for model in everything])


@pytest.mark.usefixtures("world")
def test_of_two_who_were_asked_only_the_close_one_is_told_that_it_ended() -> None:
    close, free = make_partner("close", **CLOSE), make_partner("free")
    case = make_case(urgency=1)
    route_case(case_id=case.pk, now=NOW)
    assert Referral.objects.filter(state="offered").count() == 2
    case = name(case, "Əliyev Tikinti", NOW + HOUR)
    assert dict(Referral.objects.values_list("partner", "state")) == {close.pk: "withdrawn", free.pk: "offered"}
    assert case.state == "offered"


@pytest.mark.usefixtures("world")
def test_by_hand_it_cannot_be_offered_there_either() -> None:
    close, supervisor = make_partner("close", **CLOSE), staff("supervisor")
    case = make_case(state="triage", routing_wanted_at=None)
    correct_report(report_id=case.report_id, part="actor_name", content="Aliyev Tikinti", submission_key="", now=NOW)
    with pytest.raises(NotAllowed) as refused:
        offer_case(case_id=case.pk, partner_ids=[close.pk], reason="They are near.", by=acting(supervisor), now=NOW)
    assert refused.value.params["reasons"] == ["conflict_of_interest"]
    assert not Referral.objects.exists()


@pytest.mark.usefixtures("reference")
def test_a_partner_that_has_the_case_keeps_it_until_a_person_decides_and_that_person_is_told(now: datetime) -> None:
    case, owner, mine = opened(now), partner("AZ", related_bodies=["Əliyev Tikinti"]), staff()
    Case.objects.filter(pk=case.pk).update(responsible=mine)
    referral(case, owner, now, "accepted")
    name(case, "Алиев Тикинти", now + HOUR)
    assert Referral.objects.get().state == "accepted"
    notice = OutboxMessage.objects.get(kind="conflict_found")
    assert (notice.user, notice.partner, notice.params) == (
        mine,
        None,
        {"reference": case.reference, "urgency": case.urgency},
    )
    assert "offer_withdrawn" not in kinds()


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("actor", ["Strela", None])
def test_somebody_nobody_is_close_to_changes_nothing(actor: str | None, now: datetime) -> None:
    case = opened(now)
    referral(case, partner("AZ", related_bodies=["Əliyev Tikinti"]), now)
    name(case, actor, now + HOUR)
    assert Referral.objects.get().state == "offered" and "conflict_found" not in kinds()
    assert not TimelineEvent.objects.filter(code="conflict_found").exists()


@pytest.mark.usefixtures("reference")
def test_a_name_given_before_everything_was_deleted_troubles_nobody(now: datetime) -> None:
    case = opened(now)
    referral(case, partner("AZ", related_bodies=["Əliyev Tikinti"]), now)
    correct_report(report_id=case.report_id, part="actor_name", content="Əliyev Tikinti", submission_key="", now=now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()
    assert case.state == "withdrawn" and Referral.objects.get().withdrawal_reason == "erased"


@pytest.mark.usefixtures("reference")
def test_nor_does_one_that_is_read_in_the_moment_of_the_erasure(now: datetime) -> None:
    case = opened(now)
    referral(case, partner("AZ", related_bodies=["Əliyev Tikinti"]), now)
    correct_report(report_id=case.report_id, part="actor_name", content="Əliyev Tikinti", submission_key="", now=now)
    ReportKey.objects.all().delete()
    heed_actor_step(case=case, now=now)
    assert Referral.objects.get().state == "offered", "the erasure's own event withdraws it"


@pytest.mark.usefixtures("reference")
def test_nor_do_answers_that_are_read_then(now: datetime) -> None:
    case = opened(now)
    correct_report(report_id=case.report_id, part="answers", content={"held": "yes"}, submission_key="", now=now)
    ReportKey.objects.all().delete()
    assert heed_correction_step(case=case, subject=Correction.objects.get().pk, now=now) == ([], [])
    assert case.urgency == 3


# --- how the person is reached, said anew


@pytest.mark.usefixtures("reference")
def test_a_new_number_is_compared_with_other_cases(now: datetime) -> None:
    one, other = opened(now, contact=PHONE), opened(now)
    assert compared(now, one, other) == []
    reached(other, PHONE, now + HOUR)
    assert other.compared_at is None
    assert compared(now + HOUR, one, other) == [("same_person", "suggested", "phone")]


@pytest.mark.usefixtures("reference")
def test_so_is_that_of_the_person_concerned(now: datetime) -> None:
    one, other = opened(now, contact=PHONE), opened(now, about="other")
    compared(now)
    reached(other, PHONE, now + HOUR, voice="affected_person")
    assert compared(now + HOUR, one, other) == [("same_person", "suggested", "phone")]


@pytest.mark.usefixtures("reference")
def test_the_third_report_of_one_person_is_found_when_the_number_is_given_later(now: datetime) -> None:
    cases = [opened(now - days * DAY, contact=MAIL if days else None) for days in (20, 10, 0)]
    assert [case.urgency for case in cases] == [3, 3, 3]
    assert reached(cases[2], MAIL, now + HOUR).urgency == 2
    assert TimelineEvent.objects.get(code="urgency_raised").case == cases[2]


@pytest.mark.usefixtures("reference")
def test_also_when_it_is_given_on_an_earlier_one(now: datetime) -> None:
    cases = [opened(now - days * DAY, contact=MAIL if days != 20 else None) for days in (20, 10, 0)]
    reached(cases[0], MAIL, now + HOUR)
    for case in cases:
        case.refresh_from_db()
    assert [case.urgency for case in cases] == [3, 3, 2]
    assert TimelineEvent.objects.get(code="urgency_raised").case == cases[2]
    assert "repeat" in [reason["code"] for reason in cases[2].urgency_reasons]


@pytest.fixture
def routed_at_once(reference: None) -> Iterator[None]:
    """Whatever is most urgent is offered before anybody has looked at it."""
    for urgency, mode in ((1, "automatic"), (2, "propose")):
        RoutingPolicy.objects.update_or_create(category_id="WRK", urgency=urgency, defaults={"mode": mode})
    forget_reference()
    yield
    forget_reference()


@pytest.mark.usefixtures("routed_at_once")
@pytest.mark.parametrize("given_on", [0, 2], ids=["on an earlier one", "on the third itself"])
def test_what_became_more_urgent_goes_on_its_page_says_so_and_our_people_are_alarmed(
    given_on: int, now: datetime
) -> None:
    user = staff()
    on_duty(user, now + HOUR)
    contacts = [MAIL if number != given_on else None for number in range(3)]
    cases = [opened(now - (20 - 10 * n) * DAY, contact=contacts[n], subcode="UNPAID") for n in range(2)]
    cases.append(opened(now, contact=contacts[2], subcode="INJURED"))
    assert (cases[2].urgency, cases[2].state) == (2, "triage")
    OutboxMessage.objects.all().delete()
    reached(cases[given_on], MAIL, now + HOUR)
    third = Case.objects.get(pk=cases[2].pk)
    assert (third.urgency, third.state) == (1, "routing")
    assert PublicStatus.objects.get(pk=third.report_id).code == "routing"
    alarm = OutboxMessage.objects.filter(kind="urgent_case", case=third, user=user)
    assert alarm.exists() and not OutboxMessage.objects.filter(kind="urgent_case").exclude(case=third).exists()


@pytest.mark.usefixtures("reference")
def test_the_event_names_a_row_and_nobody(now: datetime) -> None:
    case = opened(now)
    reached(case, replace(MAIL, value="canary@example.org"), now)
    stored = str([list(model.objects.values()) for model in (IntakeEvent, TimelineEvent, OutboxMessage)])
    assert "canary@" not in stored and IntakeEvent.objects.filter(kind="corrected", subject__isnull=False).exists()
