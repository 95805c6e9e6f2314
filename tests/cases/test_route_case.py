"""Routing a waiting case: whom it is offered or proposed to, what is stored, and what the sweep does when one fails."""

import json
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import route_case as routing
from cases.actions.case_row import locked_case
from cases.actions.record import SYSTEM, Actor, Event, record_events, verify_chain
from cases.actions.route_case import propose, route_case, route_waiting
from cases.errors import CapacityExceeded, MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, OutboxMessage, PartnerChange, Referral, RoutingDecision
from cases.queries.remembered import forget_reference
from cases.routing.propose import RULES_VERSION
from intake.models import Body, PublicStatus, Report, ReportKey
from tests.cases.routing_world import (
    NOW,
    fill,
    make_case,
    make_partner,
    make_reference,
    make_referral,
    make_staff,
    partners_of,
    say,
)


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[None]:
    make_reference()
    yield
    forget_reference()


def codes(case: Case) -> list[str]:
    return list(case.timeline.order_by("sequence").values_list("code", flat=True))


# --- automatic --------------------------------------------------------------------------------------------------------
def test_an_urgent_case_is_offered_to_the_best_partner_at_once() -> None:
    make_partner("general")
    best = make_partner("specialised", service={"is_specialised": True})
    case = make_case(urgency=2)
    decision = route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert partners_of(Referral.objects.all()) == [best.pk]
    assert (case.state, case.routing_wanted_at, decision.mode) == ("offered", None, "automatic")
    assert decision.rules_version == RULES_VERSION
    assert codes(case) == ["routing_decided", "referral_offered"]
    assert verify_chain(case.pk)


def test_an_immediate_case_is_offered_to_the_two_best_and_fills_a_place_of_each() -> None:
    pair = {make_partner("one", capacity=1).pk, make_partner("two", capacity=1).pk}
    make_partner("third", languages=["az"], capacity=1, regions=[None])
    route_case(case_id=make_case(urgency=1).pk, now=NOW)
    assert set(partners_of(Referral.objects.all())) == pair
    route_case(case_id=make_case(urgency=1).pk, now=NOW)
    assert Referral.objects.filter(partner__in=pair).count() == 2


def test_the_reporter_reads_until_when_an_answer_is_expected() -> None:
    make_partner()
    case = make_case(urgency=2)
    route_case(case_id=case.pk, now=NOW)
    status = PublicStatus.objects.get(report=case.report_id)
    assert (status.code, status.expected_by) == ("offered", NOW + timedelta(hours=12))


def test_the_case_is_due_when_triage_or_the_answer_is_whichever_comes_first() -> None:
    make_partner()
    untriaged, triaged = make_case(urgency=2), make_case(urgency=2, triaged_at=NOW)
    for case in (untriaged, triaged):
        route_case(case_id=case.pk, now=NOW)
        case.refresh_from_db()
    assert (untriaged.due_kind, untriaged.due_at) == ("triage", untriaged.triage_due_at)
    assert (triaged.due_kind, triaged.due_at) == ("answer", NOW + timedelta(hours=12))


def test_the_decision_says_why_this_partner_and_why_not_each_other_one() -> None:
    chosen = make_partner("chosen")
    paused = make_partner("paused", is_active=False, languages=["ru"])
    other_field = make_partner("other field", categories=["EDU"])
    decision = route_case(case_id=make_case(urgency=2).pk, now=NOW)
    assert [row["partner"] for row in decision.ranked] == [str(chosen.pk)]
    assert set(decision.ranked[0]["parts"]) == {"specialised", "certain", "area", "language", "record", "free"}
    assert {row["partner"]: row["reasons"] for row in decision.rejected} == {
        str(paused.pk): ["partner_inactive", "no_common_language"],
        str(other_field.pk): ["no_service"],
    }


def test_no_personal_word_reaches_decision_timeline_feed_or_outbox() -> None:
    make_partner(related_bodies=["Zorro Stroy"])
    make_partner(related_bodies=["Other"])
    case = make_case(actor_name="Zorro Stroy", must_not_see_text="Mister Canary")
    decision = route_case(case_id=case.pk, now=NOW)
    assert ["conflict_of_interest"] in [row["reasons"] for row in decision.rejected]
    for model in (RoutingDecision, PartnerChange, OutboxMessage, type(case.timeline.first())):
        told = json.dumps(list(model.objects.values()), default=repr).lower()
        assert "zorro" not in told and "canary" not in told


def test_a_partner_named_by_the_reporter_is_left_out() -> None:
    excluded, other = make_partner("excluded"), make_partner("other")
    case = make_case(must_not_see=[excluded.body])
    assert route_case(case_id=case.pk, now=NOW).chosen == [str(other.pk)]


def test_a_practice_partner_gets_no_real_case_and_is_not_even_listed() -> None:
    make_partner("practice", is_practice=True)
    decision = route_case(case_id=make_case().pk, now=NOW)
    assert (decision.ranked, decision.rejected) == ([], [])


def test_one_partner_with_unreadable_hours_stops_nobody() -> None:
    broken, good = make_partner(working_hours=[["Monday", "nine"]]), make_partner()
    zoneless = make_partner(timezone="Mars/Olympus")
    decision = route_case(case_id=make_case(urgency=2).pk, now=NOW)
    assert decision.chosen == [str(good.pk)]
    assert {row["partner"] for row in decision.ranked if row["closed"]} == {str(broken.pk), str(zoneless.pk)}


def test_on_a_friday_evening_an_ordinary_case_still_finds_the_offices_that_open_on_monday() -> None:
    monday = make_partner("opens on Monday")
    thursday = make_partner("opens on Thursday", working_hours=[[3, "09:00", "18:00"]])
    decision = route_case(case_id=make_case(category="WRK", urgency=3).pk, now=NOW.replace(day=27, hour=16))
    assert decision.chosen == [str(monday.pk)]
    assert decision.rejected == [{"partner": str(thursday.pk), "reasons": ["closed_before_deadline"]}]


def test_a_better_answer_record_decides_between_equals() -> None:
    silent, reliable = make_partner("silent"), make_partner("reliable")
    for partner, state in ((silent, "expired"), (reliable, "completed")):
        make_referral(make_case(state="resolved", routing_wanted_at=None), partner, state=state)
    decision = route_case(case_id=make_case(urgency=2).pk, now=NOW)
    assert [row["parts"]["record"] for row in decision.ranked] == [0.6667, 0.3333]
    assert decision.chosen == [str(reliable.pk)]


# --- nobody -----------------------------------------------------------------------------------------------------------
def test_without_any_partner_the_case_is_unrouted_dated_and_staff_are_told() -> None:
    make_staff("supervisor")
    case = make_case(urgency=1)
    decision = route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.due_kind, decision.chosen) == ("unrouted", "triage", [])
    assert codes(case) == ["routing_decided", "unrouted"]
    assert OutboxMessage.objects.get().kind == "unrouted"
    assert PublicStatus.objects.get(report=case.report_id).code == "unrouted"


def test_an_unrouted_case_that_was_triaged_is_due_within_a_triage_clock() -> None:
    case = make_case(urgency=1, triaged_at=NOW)
    route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert (case.due_kind, case.due_at) == ("unrouted", NOW + timedelta(hours=1))


def test_when_everybody_is_full_the_case_is_unrouted() -> None:
    full = make_partner(capacity=1)
    fill(full, 1)
    case = make_case()
    decision = route_case(case_id=case.pk, now=NOW)
    assert decision.rejected == [{"partner": str(full.pk), "reasons": ["no_free_capacity"]}]
    assert Case.objects.get(pk=case.pk).state == "unrouted"


def test_after_everybody_declined_staff_hear_that_all_declined() -> None:
    make_staff("supervisor")
    asked, case = make_partner(), make_case()
    make_referral(case, asked, state="declined", decline_reason="language")
    route_case(case_id=case.pk, now=NOW)
    assert OutboxMessage.objects.get().kind == "declined_by_all"


# --- the person's will ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("will", [{"share": "none"}, {"subject_unaware": True}])
def test_what_may_not_be_passed_on_goes_back_to_our_own_people(will: dict) -> None:
    make_partner()
    case = make_case(**will)
    assert route_case(case_id=case.pk, now=NOW) is None
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at, case.due_kind) == ("triage", None, "triage")
    assert not Referral.objects.exists()


@pytest.mark.parametrize("trace", ["withdrawn_at", "erased_at", "key"])
def test_a_report_that_was_taken_back_or_erased_is_offered_to_nobody(trace: str) -> None:
    make_partner()
    case = make_case(actor_name="somebody")
    if trace == "key":
        ReportKey.objects.filter(report_id=case.report_id).delete()
    else:
        Report.objects.filter(pk=case.report_id).update(**{trace: NOW})
    assert route_case(case_id=case.pk, now=NOW) is None
    assert not Referral.objects.exists()


def test_ask_first_allows_the_offer_and_no_to_one_body_excludes_that_body() -> None:
    refused, other = make_partner(), make_partner()
    case = make_case(share="ask_first")
    say(case.report, "share", "none", recipient=refused.body, at=NOW + timedelta(seconds=1))
    assert route_case(case_id=case.pk, now=NOW).chosen == [str(other.pk)]


# --- propose ----------------------------------------------------------------------------------------------------------
def test_by_policy_three_are_proposed_and_the_case_waits_for_a_caseworker() -> None:
    partners = [make_partner(f"p{number}") for number in range(4)]
    case = make_case(category="WRK", urgency=3, triaged_at=NOW)
    decision = route_case(case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert decision.chosen == sorted(str(partner.pk) for partner in partners)[:3]
    assert (decision.mode, case.state, case.routing_wanted_at) == ("propose", "triage", None)
    assert (case.due_kind, case.due_at) == ("triage", NOW + timedelta(hours=24))
    assert codes(case) == ["routing_decided"]
    assert not Referral.objects.exists()


def test_without_a_policy_a_caseworker_decides() -> None:
    make_partner(categories=["EDU"])
    assert route_case(case_id=make_case(category="EDU", urgency=1).pk, now=NOW).mode == "propose"


def test_a_caseworker_asks_for_a_proposal_whatever_policy_says() -> None:
    make_partner()
    case = make_case(urgency=1, state="triage", routing_wanted_at=None)
    decision = propose(case_id=case.pk, by=Actor("staff", make_staff().pk), now=NOW)
    assert (decision.mode, len(decision.chosen)) == ("propose", 1)
    assert not Referral.objects.exists()


def test_a_proposal_asked_for_in_vain_makes_the_case_unrouted() -> None:
    case = make_case(state="triage", routing_wanted_at=None)
    decision = propose(case_id=case.pk, by=Actor("staff", make_staff().pk), now=NOW)
    assert decision.chosen == []
    assert Case.objects.get(pk=case.pk).state == "unrouted"


def test_a_proposal_is_refused_where_there_is_nothing_to_propose() -> None:
    by = Actor("staff", make_staff().pk)
    with pytest.raises(MoveNotAllowed):
        propose(case_id=make_case(state="offered", routing_wanted_at=None).pk, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        propose(case_id=make_case(share="none", state="triage").pk, by=by, now=NOW)
    with pytest.raises(NotFound):
        propose(case_id=make_case(side="RU", state="triage").pk, by=by, now=NOW)
    with pytest.raises(NotFound):
        propose(case_id=Body.objects.create(kind="partner").pk, by=by, now=NOW)


# --- when it is not wanted any more, or changes meanwhile -------------------------------------------------------------
@pytest.mark.parametrize("changes", [{"routing_wanted_at": None}, {"state": "accepted"}, {"state": "withdrawn"}])
def test_a_case_that_does_not_wait_is_left_alone(changes: dict) -> None:
    make_partner()
    case = make_case(**changes)
    assert route_case(case_id=case.pk, now=NOW) is None
    assert not Referral.objects.exists() and not RoutingDecision.objects.exists()


def test_a_partner_that_fills_up_between_choice_and_lock_is_not_overfilled() -> None:
    first, second = make_partner(capacity=1, service={"is_specialised": True}), make_partner()

    def decide_then_fill(*arguments: object, **more: object) -> object:
        decided = decide(*arguments, **more)
        if not Referral.objects.filter(partner=first).exists():
            fill(first, 1)
        return decided

    case, decide = make_case(urgency=2), routing.decide
    with patch.object(routing, "decide", decide_then_fill):
        decision = route_case(case_id=case.pk, now=NOW)
    assert decision.chosen == [str(second.pk)]
    assert Referral.objects.get(case=case).partner_id == second.pk


def test_a_case_that_was_triaged_between_choice_and_lock_is_chosen_for_anew() -> None:
    make_partner()
    case, decide = make_case(urgency=2), routing.decide

    def decide_then_triage(*arguments: object, **more: object) -> object:
        triaged = locked_case(case.pk)
        if triaged.urgency == 2:
            triaged.urgency = 3
            record_events(triaged, [Event("triage_confirmed")], by=SYSTEM, now=NOW)
            triaged.save()
        return decide(*arguments, **more)

    with patch.object(routing, "decide", decide_then_triage):
        assert route_case(case_id=case.pk, now=NOW).mode == "propose"
    assert not Referral.objects.exists()


def test_after_three_choices_in_vain_the_sweep_tries_again_soon() -> None:
    make_partner()
    case = make_case(urgency=2)
    with patch.object(routing, "offer_case_step", side_effect=CapacityExceeded()) as offer:
        assert route_case(case_id=case.pk, now=NOW) is None
    case.refresh_from_db()
    assert offer.call_count == 3
    assert (case.state, case.routing_wanted_at) == ("routing", NOW + timedelta(seconds=5))
    assert not RoutingDecision.objects.exists()


# --- the sweep --------------------------------------------------------------------------------------------------------
def test_the_sweep_takes_the_urgent_first_and_leaves_what_is_not_due() -> None:
    make_partner(capacity=50)
    ordinary, urgent = make_case(urgency=2), make_case(urgency=1)
    later = make_case(urgency=1, routing_wanted_at=NOW + timedelta(seconds=1))
    assert route_waiting(now=NOW, limit=1) == 1
    assert Referral.objects.get().case_id == urgent.pk
    assert route_waiting(now=NOW) == 1
    assert set(Referral.objects.values_list("case", flat=True)) == {urgent.pk, ordinary.pk}
    assert Case.objects.get(pk=later.pk).state == "routing"


def test_a_poisoned_case_waits_longer_each_time_and_holds_up_no_other() -> None:
    make_partner()
    poisoned, good = make_case(urgency=1), make_case(urgency=2)
    now = NOW
    with patch.object(routing, "decide", side_effect=_poison(poisoned)):
        waits = []
        for _ in range(4):
            route_waiting(now=now)
            poisoned.refresh_from_db()
            waits.append(poisoned.routing_wanted_at - now)
            now = poisoned.routing_wanted_at
    assert waits == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert Case.objects.get(pk=good.pk).state == "offered"


def test_after_five_failures_a_person_gets_the_case() -> None:
    make_staff("supervisor")
    case = make_case(routing_attempts=4)
    with patch.object(routing, "decide", side_effect=_poison(case)):
        assert route_waiting(now=NOW) == 1
    case.refresh_from_db()
    assert (case.state, case.routing_wanted_at, case.routing_attempts) == ("unrouted", None, 0)
    assert case.timeline.get().details == {"because": "failed", "attempts": 5}
    assert OutboxMessage.objects.get().kind == "unrouted"


def test_a_failure_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    case = make_case()
    with patch.object(routing, "decide", side_effect=_poison(case)):
        route_waiting(now=NOW)
    assert str(case.pk) in caplog.text and "ValueError" in caplog.text
    assert "secret words" not in caplog.text


def _poison(poisoned: Case) -> object:
    decide = routing.decide

    def decide_or_fail(case: Case, *arguments: object, **more: object) -> object:
        if case.pk == poisoned.pk:
            raise ValueError("secret words")
        return decide(case, *arguments, **more)

    return decide_or_fail


# --- cost -------------------------------------------------------------------------------------------------------------
def statements(number: int) -> int:
    forget_reference()
    for index in range(number):
        make_partner(f"p{index}", categories=["WRK"] if index % 2 else ["EDU"], regions=["RU-MOW", "RU-SPE"])
    case = make_case(category="WRK", urgency=3)
    with CaptureQueriesContext(connection) as queries:
        route_case(case_id=case.pk, now=NOW)
    return len(queries)


def test_ten_partners_cost_as_many_queries_as_a_hundred() -> None:
    assert statements(10) == statements(90)
