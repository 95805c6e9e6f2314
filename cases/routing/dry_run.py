"""What a change would have done to one past case: decided twice by the same code, today's facts both times.

Facts, consent and partners are those of now; the case counts as not yet offered to anybody, and the place it takes
today as free. Takes no lock and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cases.models import Case
from cases.queries.rules import rule_book
from cases.routing.change import Change
from cases.routing.propose import PROPOSED, Proposal, offers_at_once
from cases.routing.situation import case_facts, terms_in_force
from cases.routing.snapshot import CaseFacts
from cases.routing.terms import Terms
from cases.routing.world import World, decide_in
from cases.workflow import EXCLUDING_DECLINES
from intake.errors import ReportErased

KINDS = ("moves", "finds_one", "finds_none", "decided_otherwise", "unchanged", "left_out")
# They come from what the person said. A list of a changed partner's cases must not tell it one by one.
OF_THE_PERSON = frozenset(
    {"conflict_of_interest", "excluded_by_reporter", "no_consent", "cross_border_not_allowed", "asked_this_round"}
)
_WHY = 10  # partners that one case names


@dataclass(frozen=True, slots=True)
class Decided:
    is_automatic: bool
    proposal: Proposal
    chosen: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    kind: str  # one of KINDS
    before: Decided | None = None
    after: Decided | None = None

    @property
    def is_listed(self) -> bool:
        return self.kind not in {"unchanged", "left_out"}

    def stored(self, reference: str) -> dict[str, Any]:
        """For the job's result: codes, ids and numbers only."""
        assert self.before is not None and self.after is not None  # noqa: S101 only what moved is stored
        return {
            "reference": reference,
            "kind": self.kind,
            "before": _stored(self.before),
            "after": _stored(self.after),
            "why": _why(self.before, self.after),
        }


def try_on(case: Case, change: Change, *, today: World, then: World, taken: frozenset[UUID], now: datetime) -> Moved:
    """`then`: the world with the change. `left_out`: nothing may be offered today, whatever was possible once."""
    try:
        facts = as_new(case_facts(case, now, is_trial=True))
    except ReportErased:
        return Moved("left_out")
    if not facts.allows_offers:
        return Moved("left_out")
    by_itself = rule_book().policy(facts.category, facts.urgency).is_automatic
    terms = terms_in_force()
    before = _decided(today, terms, facts, taken, now, is_automatic=by_itself)
    would = change.is_automatic(facts.category, facts.urgency, by_itself)
    after = _decided(then, change.ranked_by(terms), facts, taken, now, is_automatic=would)
    return Moved(_kind(before, after), before, after)


def as_new(facts: CaseFacts) -> CaseFacts:
    """As if nobody had been asked yet, but for those who left it for good."""
    past = tuple(replace(one, round=0) for one in facts.past if one.reason in EXCLUDING_DECLINES)
    return replace(facts, past=past)


def as_arriving(facts: CaseFacts, now: datetime) -> CaseFacts:
    """The urgent reserve counts from now: a past case has not waited since it came."""
    return replace(facts, waiting_since=now)


def _decided(
    world: World, terms: Terms, facts: CaseFacts, taken: frozenset[UUID], now: datetime, *, is_automatic: bool
) -> Decided:
    proposal = decide_in(world, as_arriving(facts, now), now, taken=taken, terms=terms)
    number = offers_at_once(facts.urgency) if is_automatic else PROPOSED
    return Decided(is_automatic, proposal, tuple(proposal.best(number)))


def _kind(before: Decided, after: Decided) -> str:
    if bool(before.chosen) != bool(after.chosen):
        return "finds_one" if after.chosen else "finds_none"
    if before.is_automatic != after.is_automatic and before.chosen:
        return "decided_otherwise"
    return "moves" if before.chosen != after.chosen else "unchanged"


def _stored(decided: Decided) -> dict[str, Any]:
    return {
        "mode": "automatic" if decided.is_automatic else "propose",
        "chosen": [str(partner_id) for partner_id in decided.chosen],
    }


def _why(before: Decided, after: Decided) -> list[dict[str, Any]]:
    """The partners for which something changed, those concerned first: reasons that came and went, their place,
    and whether it was kept for urgent cases."""
    old, new = _reasons(before.proposal), _reasons(after.proposal)
    places = _places(before.proposal), _places(after.proposal)
    held = _held(before.proposal), _held(after.proposal)
    concerned = dict.fromkeys((*before.chosen, *after.chosen))
    others = sorted(pk for pk in {*old, *new} - set(concerned) if old.get(pk) != new.get(pk))
    why = []
    for pk in (*concerned, *others):
        gone, come = (set(one.get(pk, ())) - set(other.get(pk, ())) for one, other in ((old, new), (new, old)))
        place = [one.get(pk) for one in places]
        kept = [pk in one for one in held]
        if gone or come or place[0] != place[1] or kept[0] != kept[1]:
            said = {"place": place, "held": kept, "gone": _sayable(gone), "come": _sayable(come)}
            why.append({"partner": str(pk), **said})
    return why[:_WHY]


def _reasons(proposal: Proposal) -> Mapping[UUID, tuple[str, ...]]:
    return {one.partner_id: one.reasons for one in proposal.rejected}


def _places(proposal: Proposal) -> Mapping[UUID, int]:
    return {one.partner_id: number for number, one in enumerate(proposal.ranked, start=1)}


def _held(proposal: Proposal) -> frozenset[UUID]:
    """Whose places are kept for urgent cases."""
    return frozenset(one.partner_id for one in proposal.ranked if one.is_held)


def _sayable(reasons: set[str]) -> list[str]:
    hidden = {"of_the_person"} if reasons & OF_THE_PERSON else set()
    return sorted((reasons - OF_THE_PERSON) | hidden)
