"""States, moves and ends against tables that a lawyer can read; every pair that is not in them is refused."""

import csv
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import workflow
from cases.errors import MoveNotAllowed
from cases.workflow import CASE_MOVES, REFERRAL_MOVES, CaseState, Outcome, ReferralState

TABLES = Path(__file__).parent / "tables"


def table(name: str) -> set[tuple[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return {(row["from"], row["to"]) for row in csv.DictReader(file)}


def reachable(moves: Mapping[str, frozenset[str]], start: str) -> set[str]:
    seen, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting.extend(moves[state])
    return seen


@pytest.mark.parametrize("pair", sorted(product(CaseState.values, repeat=2)), ids="-".join)
def test_a_case_moves_exactly_as_the_table_says(pair: tuple[str, str]) -> None:
    allowed = pair in table("case_moves.csv")
    assert workflow.may_move_case(*pair) is allowed
    if not allowed:
        with pytest.raises(MoveNotAllowed) as refusal:
            workflow.check_case_move(*pair)
        assert refusal.value.params == {"state": pair[0]}


@pytest.mark.parametrize("pair", sorted(product(ReferralState.values, repeat=2)), ids="-".join)
def test_a_referral_moves_exactly_as_the_table_says(pair: tuple[str, str]) -> None:
    allowed = pair in table("referral_moves.csv")
    assert workflow.may_move_referral(*pair) is allowed
    if not allowed:
        with pytest.raises(MoveNotAllowed) as refusal:
            workflow.check_referral_move(*pair)
        assert refusal.value.params == {"state": pair[0]}


def test_the_tables_name_no_state_that_does_not_exist() -> None:
    assert {state for pair in table("case_moves.csv") for state in pair} <= set(CaseState.values)
    assert {state for pair in table("referral_moves.csv") for state in pair} <= set(ReferralState.values)


def test_every_state_has_its_moves() -> None:
    assert set(CASE_MOVES) == set(CaseState.values)
    assert set(REFERRAL_MOVES) == set(ReferralState.values)


def test_every_state_is_reached_from_the_beginning() -> None:
    assert reachable(CASE_MOVES, CaseState.RECEIVED) == set(CaseState.values)
    assert reachable(REFERRAL_MOVES, ReferralState.OFFERED) == set(ReferralState.values)


@pytest.mark.parametrize("state", CaseState.values)
def test_from_every_state_a_case_can_be_closed_and_be_looked_at_again(state: str) -> None:
    assert {CaseState.CLOSED, CaseState.TRIAGE} <= reachable(CASE_MOVES, state) | {state}


@pytest.mark.parametrize("state", [*sorted(set(CaseState.values) - workflow.ENDED_CASES), "resolved"])
def test_a_person_can_take_a_report_back_at_any_point_before_the_end(state: str) -> None:
    assert workflow.may_move_case(state, CaseState.WITHDRAWN)


def test_reopening_leads_to_triage_and_nowhere_else() -> None:
    assert CASE_MOVES[CaseState.CLOSED] == {CaseState.TRIAGE}


@pytest.mark.parametrize("state", sorted(workflow.ASSIGNED))
def test_a_partner_that_has_a_case_can_be_relieved_of_it(state: str) -> None:
    assert {"returned", "transferred", "withdrawn"} <= REFERRAL_MOVES[state]


def test_a_referral_ends_once_and_for_all() -> None:
    assert set(ReferralState.values) - workflow.LOAD == workflow.ENDED_REFERRALS
    assert workflow.TOMBSTONES < workflow.ENDED_REFERRALS


@pytest.mark.parametrize("unknown", ["", "merged", "ACCEPTED", "accepted "])
def test_a_state_nobody_knows_moves_nowhere_and_is_never_reached(unknown: str) -> None:
    assert not workflow.may_move_case(unknown, CaseState.TRIAGE)
    assert not workflow.may_move_referral(unknown, ReferralState.WITHDRAWN)
    assert not workflow.may_move_case(CaseState.RECEIVED, unknown)
    with pytest.raises(MoveNotAllowed):
        workflow.check_case_move(unknown, CaseState.TRIAGE)
    with pytest.raises(MoveNotAllowed):
        workflow.check_referral_move(unknown, ReferralState.ACCEPTED)


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=12))
def test_however_a_referral_goes_it_is_completed_only_after_contact_and_service(choices: list[int]) -> None:
    path: list[str] = ["offered"]
    for choice in choices:
        if moves := sorted(REFERRAL_MOVES[path[-1]]):
            path.append(moves[choice % len(moves)])
    assert len(path) <= 5
    if path[-1] == "completed":
        assert path == ["offered", "accepted", "contacted", "in_service", "completed"]


def test_a_partner_reports_every_outcome_but_those_the_side_decides() -> None:
    assert set(Outcome.values) - workflow.PARTNER_OUTCOMES == {"duplicate", "out_of_scope"}


def test_a_partner_is_left_out_of_later_rounds_for_the_reasons_of_the_domain() -> None:
    assert set(workflow.EXCLUDING_DECLINES) == {
        "conflict_of_interest",
        "out_of_mandate",
        "safety_of_staff",
        "client_refused",
    }


with (TABLES / "closing_outcomes.csv").open(encoding="utf-8", newline="") as file:
    ENDS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ENDS, ids=lambda row: row["from"])
def test_a_case_is_closed_with_the_outcomes_of_the_table(row: dict[str, str]) -> None:
    given = workflow.CLOSING_OUTCOMES.get(row["from"], frozenset())
    assert {code for code in Outcome.values if row[code] == "yes"} == given
    assert bool(given) is workflow.may_move_case(row["from"], CaseState.CLOSED)


def test_the_table_of_outcomes_names_every_state_and_every_outcome() -> None:
    assert [row["from"] for row in ENDS] == CaseState.values
    assert set(ENDS[0]) - {"from", "when"} == set(Outcome.values)
