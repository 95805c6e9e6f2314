"""A caseworker confirms category, urgency and next step; machines only raise, supervisors alone may lower."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cases.actions.record import SYSTEM, verify_chain
from cases.actions.triage import confirm_triage
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, ReasonRequired
from cases.models import Case, ClockSetting, Note, OutboxMessage, PartnerChange, Referral, TimelineEvent, User
from cases.queries.remembered import forget_reference
from cases.workflow import ENDED_CASES
from intake.actions.change_consent import stop_sharing
from intake.errors import InvalidInput
from intake.models import PublicStatus, ReportKey
from tests.cases.arrange import NOT_SHARED, OPTED_IN, acting, in_state, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def confirm(case: Case, user: User, now: datetime, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "category": case.category_id,
        "subcode": case.subcode,
        "urgency": case.urgency,
        "next_step": "route",
    }
    confirm_triage(case_id=case.pk, by=acting(user), now=now, **(values | changes))
    case.refresh_from_db()
    assert verify_chain(case.pk)
    return case


def codes(case: Case) -> list[str]:
    return [event.code for event in TimelineEvent.objects.filter(case=case, sequence__gt=4).order_by("sequence")]


def test_a_confirmed_case_waits_for_routing(now: datetime) -> None:
    user, later = staff(), now + timedelta(hours=1)
    case = confirm(opened(now), user, later)
    assert (case.state, case.routing_wanted_at, case.triaged_at) == ("routing", later, later)
    assert (case.due_at, case.due_kind, case.round) == (None, "", 1)
    assert codes(case) == ["triage_confirmed", "routing_requested"]
    assert TimelineEvent.objects.get(case=case, code="triage_confirmed").actor_ref == user.pk
    assert PublicStatus.objects.get(report_id=case.report_id).code == "routing"


@pytest.mark.parametrize("next_step", ["in_progress", "out_of_scope"])
def test_or_it_goes_where_the_caseworker_says(next_step: str, now: datetime) -> None:
    case = confirm(opened(now, contact=OPTED_IN), staff(), now, next_step=next_step)
    review = {"in_progress": (now + timedelta(days=7), "review"), "out_of_scope": (None, "")}  # seven days in U3
    assert (case.state, case.routing_wanted_at) == (next_step, None)
    assert (case.due_at, case.due_kind) == review[next_step]
    assert [message.kind for message in OutboxMessage.objects.all()] == ["status_changed"]


def test_another_category_is_compared_with_other_cases_anew_and_the_same_is_not(now: datetime) -> None:
    case = opened(now)
    Case.objects.update(compared_at=now)
    assert confirm(case, staff(), now, next_step="in_progress").compared_at == now
    other = {"category": "SAF", "subcode": "", "urgency": 1}
    assert confirm(case, staff(), now, next_step="in_progress", **other).compared_at is None


def test_a_corrected_category_is_computed_again_and_can_raise(now: datetime) -> None:
    case = confirm(opened(now), staff(), now, category="SAF", subcode="DOMESTIC", urgency=1)
    assert (case.category_id, case.subcode, case.urgency, case.computed_urgency) == ("SAF", "DOMESTIC", 1, 1)


def test_a_corrected_category_cannot_lower_by_the_back_door(now: datetime) -> None:
    case = opened(now, category="SAF", subcode="DOMESTIC")
    with pytest.raises(NotAllowed):
        confirm(case, staff(), now, category="OTH", subcode="", urgency=4)
    case.refresh_from_db()
    assert (case.category_id, case.urgency, case.triaged_at) == ("SAF", 1, None)


def test_what_the_person_answered_counts_for_the_corrected_category_too(now: datetime) -> None:
    case = opened(now, category="HLT", subcode="COST", answers={"forced": "yes", "forced_what": ["papers_taken"]})
    assert case.urgency == 2 and case.urgency_reasons == []
    case = confirm(case, staff(), now, category="WRK", subcode="UNPAID", urgency=2)
    assert [reason["code"] for reason in case.urgency_reasons] == ["trafficking"]


def test_anybody_may_raise(now: datetime) -> None:
    assert confirm(opened(now), staff(), now, urgency=1).urgency == 1


def test_lowering_takes_a_supervisor(now: datetime) -> None:
    with pytest.raises(NotAllowed):
        confirm(opened(now), staff(), now, urgency=4, reason="It is not urgent.")


@pytest.mark.parametrize("reason", ["", " \n "])
def test_and_a_reason(reason: str, now: datetime) -> None:
    with pytest.raises(ReasonRequired):
        confirm(opened(now), staff("supervisor"), now, urgency=4, reason=reason)


def test_the_reason_is_kept_as_a_sealed_note(now: datetime) -> None:
    case = confirm(opened(now), staff("supervisor"), now, urgency=4, reason="Canary: not urgent.")
    assert (case.urgency, case.computed_urgency) == (4, 3)
    note = Note.objects.get()
    assert note.unseal(ReportKey.of(case.report_id), "text") == "Canary: not urgent."
    event = TimelineEvent.objects.get(case=case, code="urgency_lowered")
    assert event.details == {"computed": 3, "urgency": 4, "note": str(note.pk)}
    assert "Canary" not in str([*TimelineEvent.objects.values(), *OutboxMessage.objects.values()])


def test_triage_after_policy_had_already_offered_leaves_the_offer(now: datetime) -> None:
    case = opened(now, category="SAF", subcode="DOMESTIC")
    row = referral(case, partner(), now)
    case = confirm(case, staff(), now)
    row.refresh_from_db()
    assert (case.state, row.state, case.routing_wanted_at) == ("offered", "offered", None)
    assert (case.due_at, case.due_kind) == (row.answer_due_at, "answer")
    assert codes(case) == ["routing_requested", "triage_confirmed"]


def test_raised_in_triage_the_partner_that_was_asked_answers_sooner_and_a_second_one_is_sought(now: datetime) -> None:
    case, hour = opened(now, category="POL"), timedelta(hours=1)
    row = referral(case, partner(), now)
    case = confirm(case, staff(), now + hour, urgency=1)
    row.refresh_from_db()
    assert (row.urgency, row.answer_due_at, case.due_at) == (1, now + 3 * hour, now + 3 * hour)
    assert PartnerChange.objects.get().kind == "referral.urgency_raised"
    assert (case.state, case.routing_wanted_at) == ("offered", now + hour)


def test_raised_to_an_urgency_without_a_clock_what_runs_goes_on(now: datetime) -> None:
    case = opened(now, category="POL")
    row = referral(case, partner(), now)
    ClockSetting.objects.filter(urgency=1).delete()
    forget_reference()
    assert confirm(case, staff(), now, urgency=1).due_at == row.answer_due_at
    forget_reference()


def test_lowered_in_triage_no_clock_is_made_longer(now: datetime) -> None:
    case = opened(now, category="POL")
    row = referral(case, partner(), now)
    confirm(case, staff("supervisor"), now, urgency=4, reason="Not urgent.")
    row.refresh_from_db()
    assert row.answer_due_at == now + timedelta(hours=12) and not PartnerChange.objects.exists()


@pytest.mark.parametrize("next_step", ["in_progress", "out_of_scope"])
def test_or_calls_it_off(next_step: str, now: datetime) -> None:
    case = opened(now, category="SAF", subcode="DOMESTIC")
    row = referral(case, partner(), now)
    case = confirm(case, staff(), now, next_step=next_step)
    row.refresh_from_db()
    assert (case.state, row.state, row.withdrawal_reason) == (next_step, "withdrawn", "by_caseworker")
    assert PartnerChange.objects.get().is_tombstone
    assert [message.kind for message in OutboxMessage.objects.all()] == ["offer_withdrawn"]


@pytest.mark.parametrize("next_step", ["in_progress", "out_of_scope"])
def test_a_case_that_a_partner_has_is_not_sent_elsewhere(next_step: str, now: datetime) -> None:
    case = opened(now)
    referral(case, partner(), now, "accepted")
    with pytest.raises(MoveNotAllowed):
        confirm(case, staff(), now, next_step=next_step)
    assert confirm(case, staff(), now).state == "accepted"


def test_a_new_round_begins_when_partners_were_asked_before(now: datetime) -> None:
    case = opened(now)
    referral(case, partner(), now, "declined", decline_reason="no_capacity")
    Case.objects.filter(pk=case.pk).update(state="unrouted")
    assert confirm(case, staff(), now).round == 2


@pytest.mark.parametrize("next_step", ["route", "in_progress", "out_of_scope"])
@pytest.mark.parametrize("state", sorted(ENDED_CASES))
def test_what_has_ended_is_not_triaged(state: str, next_step: str, now: datetime) -> None:
    case = in_state(opened(now), state)
    with pytest.raises(MoveNotAllowed) as refused:
        confirm(case, staff(), now, next_step=next_step)
    assert refused.value.params == {"state": state}


@pytest.mark.parametrize("changes", [{"consent": NOT_SHARED}, {"about": "other", "subject_unaware": True}])
def test_what_must_not_be_passed_on_is_not_routed(changes: dict[str, Any], now: datetime) -> None:
    case = opened(now, **changes)
    with pytest.raises(InvalidInput) as refused:
        confirm(case, staff(), now)
    assert list(refused.value.fields) == ["next_step"]
    assert confirm(case, staff(), now, next_step="in_progress").state == "in_progress"


def test_consent_is_read_as_it_is_now(now: datetime) -> None:
    case = opened(now)
    stop_sharing(report_id=case.report_id, now=now)  # not taken up yet
    with pytest.raises(InvalidInput):
        confirm(case, staff(), now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "XXX"}, "category"),
        ({"subcode": "POLICE"}, "subcode"),
        ({"urgency": 0}, "urgency"),
        ({"urgency": 5}, "urgency"),
        ({"next_step": "closed"}, "next_step"),
        ({"reason": "x" * 10_001}, "reason"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], field: str, now: datetime) -> None:
    case = opened(now)
    with pytest.raises(InvalidInput) as refused:
        confirm(case, staff(), now, **changes)
    assert list(refused.value.fields) == [field]
    assert Case.objects.get(pk=case.pk).triaged_at is None and codes(case) == []


def test_the_other_side_does_not_even_find_the_case(now: datetime) -> None:
    case = opened(now)
    with pytest.raises(NotFound):
        confirm(case, staff("supervisor", side="RU"), now)
    with pytest.raises(NotFound):
        confirm(Case(pk=uuid4(), category_id="WRK", urgency=3), staff(), now)


@pytest.mark.parametrize("role", ["partner_coordinator", "auditor", "working_group_member", "administrator"])
def test_nor_may_other_roles(role: str, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        confirm(opened(now), staff(role), now)


def test_nor_the_system_nor_somebody_who_left(now: datetime) -> None:
    case = opened(now)
    for by in (SYSTEM, acting(staff(is_active=False))):
        with pytest.raises(NotAllowed):
            confirm_triage(case_id=case.pk, category="WRK", subcode="", urgency=3, next_step="route", by=by, now=now)
    assert not Referral.objects.exists()
