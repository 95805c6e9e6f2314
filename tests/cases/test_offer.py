"""An offer, by a caseworker or the system: what it writes, what it refuses, and that capacity holds under a crowd."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from cases.actions.offer import offer_case, offer_case_step
from cases.actions.record import SYSTEM, Actor, verify_chain
from cases.actions.route_case import route_case, route_waiting
from cases.errors import (
    AgreementNotValid,
    CapacityExceeded,
    MoveNotAllowed,
    NotAllowed,
    NotFound,
    ReasonRequired,
    StaleObject,
)
from cases.models import Case, Note, OutboxMessage, PartnerChange, PartnerOrganisation, Referral, WebhookEndpoint
from cases.queries.remembered import forget_reference
from cases.workflow import LOAD
from intake.errors import InvalidInput
from intake.models import ReportKey
from tests.cases.arrange import in_state
from tests.cases.routing_world import (
    NOW,
    fill,
    make_case,
    make_partner,
    make_reference,
    make_staff,
    partners_of,
    say,
)

ROUTERS = 50 if os.environ.get("KORPU_FAULTS") == "full" else 20
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def by(*roles: str) -> Actor:
    return Actor("staff", make_staff(*roles).pk)


def proposed_case(number: int = 3, **columns: object) -> Case:
    """With this many partners, the first three of them proposed."""
    for index in range(number):
        make_partner(f"p{index}")
    case = make_case(category="WRK", urgency=3, triaged_at=NOW, **columns)
    route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    return case


def proposed(case: Case) -> list[UUID]:
    return [UUID(partner_id) for partner_id in case.decisions.order_by("-at", "-pk").first().chosen]


# --- a proposed partner -----------------------------------------------------------------------------------------------
def test_offering_a_proposed_partner_confirms_the_proposal() -> None:
    case, staff = proposed_case(), by()
    first = proposed(case)[0]
    [referral] = offer_case(case_id=case.pk, partner_ids=[first], by=staff, now=NOW)
    case.refresh_from_db()
    decision = case.decisions.get()
    assert (case.state, referral.partner_id, referral.decision_id) == ("offered", first, decision.pk)
    assert (decision.confirmed_by_id, decision.confirmed_at) == (staff.ref, NOW)
    assert case.timeline.last().code == "referral_offered"
    assert verify_chain(case.pk)


def test_the_answer_clock_runs_by_the_hours_of_the_partner() -> None:
    case = proposed_case(1, routing_wanted_at=NOW)
    friday = NOW + timedelta(days=3)
    [referral] = offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=friday)
    # 48 hours later is Sunday; the end of the first working hour of Monday in Moscow is 07:00 UTC.
    assert referral.answer_due_at == NOW.replace(day=30, hour=7)


def test_the_partner_is_told_by_mail_and_webhook_and_finds_it_in_its_feed() -> None:
    case = proposed_case(1)
    partner = PartnerOrganisation.objects.get()
    WebhookEndpoint.objects.create(partner=partner, url="https://example.org/hook", secret="s", created_at=NOW)
    offer_case(case_id=case.pk, partner_ids=[partner.pk], by=by(), now=NOW)
    assert {row.channel for row in OutboxMessage.objects.filter(kind="offer")} == {"email", "webhook"}
    change = PartnerChange.objects.get()
    assert (change.kind, change.partner_id, change.number) == ("referral.offered", partner.pk, None)


def test_the_next_of_the_three_is_offered_when_the_first_is_out() -> None:
    case = proposed_case(4)
    first, second, third = proposed(case)
    offer_case(case_id=case.pk, partner_ids=[first], by=by(), now=NOW)
    for expected in (second, third):
        Referral.objects.filter(case=case, state="offered").update(state="expired")
        Case.objects.filter(pk=case.pk).update(state="routing", routing_wanted_at=NOW)
        route_case(case_id=case.pk, now=NOW)
        assert Referral.objects.get(case=case, state="offered").partner_id == expected
    assert case.decisions.count() == 1


def test_after_the_three_a_new_proposal_waits_for_the_caseworker() -> None:
    case = proposed_case(4)
    first_three = proposed(case)
    offer_case(case_id=case.pk, partner_ids=first_three, by=by(), now=NOW)
    Referral.objects.filter(case=case).update(state="expired")
    Case.objects.filter(pk=case.pk).update(state="routing", routing_wanted_at=NOW)
    route_case(case_id=case.pk, now=NOW + timedelta(hours=1))
    case.refresh_from_db()
    fourth = set(PartnerOrganisation.objects.values_list("pk", flat=True)) - set(first_three)
    assert (case.state, set(proposed(case))) == ("triage", fourth)


# --- another partner --------------------------------------------------------------------------------------------------
def test_another_partner_needs_a_supervisor_and_a_reason() -> None:
    case = proposed_case(4)
    other = PartnerOrganisation.objects.exclude(pk__in=proposed(case)).get()
    with pytest.raises(NotAllowed):
        offer_case(case_id=case.pk, partner_ids=[other.pk], reason="I know them", by=by("caseworker"), now=NOW)
    with pytest.raises(ReasonRequired):
        offer_case(case_id=case.pk, partner_ids=[other.pk], reason="  ", by=by("supervisor"), now=NOW)
    assert not Referral.objects.exists()


def test_an_override_is_explained_and_its_reason_sealed() -> None:
    case, staff = proposed_case(4), by("supervisor")
    other = PartnerOrganisation.objects.exclude(pk__in=proposed(case)).get()
    [referral] = offer_case(
        case_id=case.pk, partner_ids=[other.pk], reason="They know the family", by=staff, now=NOW + timedelta(minutes=1)
    )
    decision, note = referral.decision, Note.objects.get()
    assert (decision.mode, decision.chosen, decision.confirmed_by_id) == ("override", [str(other.pk)], staff.ref)
    assert len(decision.ranked) == 4
    assert note.unseal(ReportKey.of(case.report_id), "text") == "They know the family"
    codes = list(case.timeline.order_by("sequence").values_list("code", flat=True))
    assert codes == ["routing_decided", "routing_decided", "overridden", "referral_offered"]


def test_no_reason_sets_a_hard_requirement_aside() -> None:
    case = proposed_case(3)
    inactive = make_partner(is_active=False)
    with pytest.raises(NotAllowed) as refused:
        offer_case(case_id=case.pk, partner_ids=[inactive.pk], reason="Please", by=by("supervisor"), now=NOW)
    assert refused.value.params["reasons"] == ["partner_inactive"]
    assert not Note.objects.exists() and case.decisions.count() == 1


# --- refusals ---------------------------------------------------------------------------------------------------------
def test_a_partner_that_filled_up_since_the_proposal_is_refused() -> None:
    case = proposed_case(1)
    fill(PartnerOrganisation.objects.get(), 5)
    with pytest.raises(CapacityExceeded):
        offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=NOW)
    assert Case.objects.get(pk=case.pk).state == "triage"


def test_an_agreement_that_ended_since_the_proposal_is_refused() -> None:
    case = proposed_case(1)
    with pytest.raises(AgreementNotValid):
        offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=NOW + timedelta(days=800))


def test_consent_that_was_withdrawn_since_the_proposal_is_heeded_at_once() -> None:
    case = proposed_case(1)
    say(case.report, "share", "none", at=NOW + timedelta(seconds=1))
    with pytest.raises(NotAllowed) as refused:
        offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=NOW)
    assert refused.value.params["reasons"] == ["no_consent"]


@pytest.mark.parametrize("state", ["offered", "accepted", "in_progress", "waiting_for_reporter", "closed", "withdrawn"])
def test_a_case_that_somebody_has_or_that_has_ended_cannot_be_offered(state: str) -> None:
    case = in_state(proposed_case(1), state)
    with pytest.raises(MoveNotAllowed) as refused:
        offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=NOW)
    assert refused.value.params["state"] == state


def test_a_proposal_of_an_earlier_round_is_not_found() -> None:
    case = proposed_case(1)
    decision = case.decisions.get()
    Case.objects.filter(pk=case.pk).update(round=2)
    with pytest.raises(NotFound):
        offer_case(case_id=case.pk, partner_ids=decision.chosen, decision_id=decision.pk, by=by(), now=NOW)


@pytest.mark.parametrize("partners", [[], ["twice", "twice"]])
def test_nobody_or_the_same_partner_twice_is_no_offer(partners: list[str]) -> None:
    case = proposed_case(1)
    ids = [proposed(case)[0] for _ in partners]
    with pytest.raises(InvalidInput):
        offer_case(case_id=case.pk, partner_ids=ids, by=by(), now=NOW)


def test_a_partner_that_does_not_exist_is_refused_without_a_trace() -> None:
    case = proposed_case(1)
    with pytest.raises(NotAllowed):
        offer_case(case_id=case.pk, partner_ids=[uuid4()], reason="why not", by=by("supervisor"), now=NOW)
    assert not Note.objects.exists()


def test_the_other_side_and_other_roles_cannot_offer() -> None:
    case = proposed_case(1)
    stranger = Actor("staff", make_staff("supervisor", side="RU").pk)
    for actor, refusal in ((stranger, NotFound), (by("auditor"), NotAllowed), (Actor("partner", uuid4()), NotAllowed)):
        with pytest.raises(refusal):
            offer_case(case_id=case.pk, partner_ids=proposed(case), by=actor, now=NOW)


def test_a_round_that_began_meanwhile_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    case = proposed_case(1)
    from cases.actions import offer

    def new_round_first(case_id: object) -> Case:
        Case.objects.filter(pk=case_id).update(round=2)
        return Case.objects.get(pk=case_id)

    monkeypatch.setattr(offer, "locked_case", new_round_first)
    with pytest.raises(StaleObject):
        offer_case(case_id=case.pk, partner_ids=proposed(case), by=by(), now=NOW)


# --- crowds, on PostgreSQL --------------------------------------------------------------------------------------------
def at_once(*acts: Callable[[], object]) -> list[object]:
    """Runs each in a thread with its own connection, all released together; the answers or the errors, in order."""
    barrier, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            answers[index] = act()
        except Exception as error:  # noqa: BLE001 the answer of this thread
            answers[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_routers_never_takes_more_than_the_one_free_place() -> None:
    partner = make_partner(capacity=1)
    cases = [make_case(urgency=2) for _ in range(ROUTERS)]
    answers = at_once(*(lambda pk=case.pk: route_case(case_id=pk, now=NOW) for case in cases))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Referral.objects.filter(partner=partner, state__in=LOAD).count() == 1
    states = sorted(Case.objects.values_list("state", flat=True))
    assert states.count("offered") == 1
    assert set(states) <= {"offered", "unrouted", "routing"}
    assert all(verify_chain(case.pk) for case in cases)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_routers_over_several_partners_fill_every_place_and_none_twice() -> None:
    partners = [make_partner(f"p{number}", capacity=3) for number in range(4)]
    cases = [make_case(urgency=1) for _ in range(8)]
    at_once(*(lambda pk=case.pk: route_case(case_id=pk, now=NOW) for case in cases))
    later = NOW
    for _ in range(5):  # those that lost three races wait five seconds for the sweep
        later += timedelta(seconds=6)
        route_waiting(now=later)
    loads = [Referral.objects.filter(partner=partner, state__in=LOAD).count() for partner in partners]
    assert loads == [3, 3, 3, 3]
    assert Case.objects.filter(state="unrouted").count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_check_under_the_lock_is_what_holds_capacity() -> None:
    """Two offers that were both chosen while a place was free: the second one to get the lock is refused."""
    partner = make_partner(capacity=1)
    first, second = make_case(urgency=2), make_case(urgency=2)

    def offer(case: Case) -> object:
        with transaction.atomic(durable=True):
            return offer_case_step(case=case, partner_ids=[partner.pk], decision=None, by=SYSTEM, now=NOW)

    answers = at_once(lambda: offer(first), lambda: offer(second))
    assert sorted(type(answer).__name__ for answer in answers) == ["CapacityExceeded", "list"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sweeps_of_several_workers_route_each_case_once() -> None:
    partner = make_partner(capacity=50)
    cases = [make_case(urgency=2) for _ in range(12)]
    taken = at_once(*(lambda: route_waiting(now=NOW) for _ in range(4)))
    assert sum(taken) == 12
    assert sorted(partners_of(Referral.objects.all())) == [partner.pk] * 12
    assert Referral.objects.values("case").distinct().count() == len(cases)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_caseworkers_offering_at_once_make_one_offer() -> None:
    case = proposed_case(2)
    first, second = proposed(case)
    staff = by()
    answers = at_once(
        lambda: offer_case(case_id=case.pk, partner_ids=[first], by=staff, now=NOW),
        lambda: offer_case(case_id=case.pk, partner_ids=[second], by=staff, now=NOW),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["MoveNotAllowed", "list"]
    assert Referral.objects.count() == 1
