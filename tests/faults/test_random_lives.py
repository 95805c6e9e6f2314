"""R11: random sequences of events reach no illegal state: on the pure state machine, and through the actions."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cases.actions.record import verify_chain
from cases.models import (
    Case,
    ClockPause,
    PartnerOrganisation,
    Referral,
    TimelineEvent,
)
from cases.workflow import (
    ASSIGNED,
    CASE_MOVES,
    ENDED_CASES,
    LOAD,
    REFERRAL_MOVES,
    CaseState,
    Outcome,
    ReferralState,
    may_move_case,
    may_move_referral,
    public_code,
)
from intake.errors import DomainError
from intake.models import PublicStatus
from tests.faults.one_life import MOVES, WEIGHTS, Nothing, World

FULL = os.environ.get("KORPU_FAULTS") == "full"
PURE = 100_000 if FULL else 3_000
# 2,000 lives in all. What a block leaves behind is rolled back, else each life is slower than the one before.
BLOCKS, LIVES = (40, 50) if FULL else (1, 10)
LENGTH = 16  # events of one life


def test_no_sequence_of_events_leaves_the_state_machine() -> None:
    """Whatever is asked for, in any order: what is allowed is taken, what is not is refused and changes nothing."""
    dice = random.Random(11)
    states, answers = list(CaseState), list(ReferralState)
    for _ in range(PURE):
        case, referral, reached = str(CaseState.RECEIVED), str(ReferralState.OFFERED), {"received"}
        for _ in range(dice.randrange(1, 20)):
            wanted, answer = dice.choice(states), dice.choice(answers)
            if may_move_case(case, wanted):
                case = wanted
                reached.add(case)
            if may_move_referral(referral, answer):
                assert referral in LOAD  # an end is an end
                referral = answer
        assert case in CASE_MOVES and referral in REFERRAL_MOVES
        assert case != CaseState.CLOSED or reached & (ENDED_CASES - {"closed"} | {"waiting_for_reporter"})


@pytest.fixture(scope="module")
def reached() -> Iterator[dict[int, set[str]]]:
    """The states that the lives of each block came to; all blocks together come to every one."""
    found: dict[int, set[str]] = {}
    yield found
    if FULL and len(found) == BLOCKS:
        assert set().union(*found.values()) >= set(CaseState.values) - {"received"}


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_life_of_a_case_reaches_an_illegal_state(block: int, reached: dict[int, set[str]]) -> None:
    states = reached[block] = set()
    for seed in range(block * LIVES, (block + 1) * LIVES):
        world, told = World(seed), []
        for name in world.dice.choices(list(MOVES), WEIGHTS, k=LENGTH):
            world.now += timedelta(minutes=1)
            before, told = world.case.state, [*told, name]
            refused = False
            try:
                MOVES[name](world)
            except (DomainError, Nothing):
                refused = True
            check(world, before, refused, f"life {seed}: {' → '.join(told)}")
            states.add(world.case.state)
        _forget()


def check(world: World, before: str, refused: bool, life: str) -> None:
    case = world.case
    open_ones = Referral.objects.filter(case=case, state__in=LOAD)
    assert case.state in CASE_MOVES, life
    assert not refused or case.state == before, life
    assert open_ones.filter(state__in=ASSIGNED).count() <= 1, life
    if case.state == CaseState.WAITING_FOR_REPORTER:  # nothing sleeps for ever
        assert case.wait_kind == "waiting" and case.wait_due_at and case.due_at, life
        assert ClockPause.objects.filter(case=case, until_at__isnull=True, look_again_at=case.wait_due_at).exists(), (
            life
        )
    if case.state in ENDED_CASES:
        assert (case.due_at, case.due_kind, case.routing_wanted_at) == (None, "", None), life
        assert not open_ones.exists(), life
    elif not open_ones.filter(state__in=ASSIGNED).exists():  # nobody has it: a clock runs, or a partner is sought
        assert case.due_at is not None or case.routing_wanted_at is not None, life
    if case.state == CaseState.CLOSED:
        assert case.outcome and case.closed_at, life
    else:
        assert case.closed_at is None, life
    for partner in PartnerOrganisation.objects.filter(is_active=True):
        assert Referral.objects.filter(partner=partner, state__in=LOAD).count() <= partner.capacity, life
    assert PublicStatus.objects.get(report_id=case.report_id).code == published(case), life
    assert verify_chain(case.pk), life
    assert TimelineEvent.objects.filter(case=case).count() == case.event_count, life


def published(case: Case) -> str:
    """What was taken back reads so for ever, and what was joined to another case too, also once it is closed."""
    if case.state == CaseState.CLOSED:
        kept = PublicStatus.objects.get(report_id=case.report_id).code
        if (case.outcome, kept) in _SPEAK_FOR_THEMSELVES:
            return kept
    return public_code(case.state, case.outcome)


_SPEAK_FOR_THEMSELVES = {
    (Outcome.CLIENT_WITHDREW, CaseState.WITHDRAWN),
    (Outcome.DUPLICATE, CaseState.DUPLICATE),
}


def _forget() -> None:
    """Each life has a world of its own: sweeps find nothing of earlier ones, whose partners take nothing more."""
    PartnerOrganisation.objects.update(is_active=False)
    Referral.objects.filter(state=ReferralState.OFFERED).update(state=ReferralState.EXPIRED)
    Case.objects.update(routing_wanted_at=None)
