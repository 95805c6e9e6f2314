"""What two cases may have in common, judged by codes, days and kinds of equal hashes. Pure: knows no row."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cases.workflow import LinkGround, LinkKind


@dataclass(frozen=True, slots=True)
class Terms:
    """A LinkRule as plain values. Days; `families`: categories that can be one event."""

    most: int
    look_back_days: int
    shared_by_at_most: int
    apart_days: int = 0
    families: Sequence[Collection[str]] = ()

    def family(self, category: str) -> frozenset[str]:
        """A category that stands in no family is one of its own."""
        return frozenset(next((family for family in self.families if category in family), {category}))


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one case. `day`: on which it happened, as far as anybody said, else on which it was reported."""

    case_id: UUID
    country: str
    region: str | None
    category: str
    actor_kind: str
    citizenship: str
    day: date


@dataclass(frozen=True, slots=True)
class Likeness:
    """`strength` orders suggestions: 4 for two equal marks of a person … 1 for a name that only sounds alike."""

    kind: str
    ground: str
    strength: int


def likenesses(
    mine: Facts, other: Facts, shared: Collection[str], same_name: bool, rules: Mapping[str, Terms]
) -> list[Likeness]:
    """`shared`: kinds of hashes that both have (phone, email, name, actor), without those that say nothing.
    `same_name`: both name an actor that sounds alike, however many others do: enough at one place and time only."""
    incident = rules.get(LinkKind.SAME_INCIDENT)
    found = (
        _same_person(mine, other, shared) if LinkKind.SAME_PERSON in rules else None,
        _same_incident(mine, other, incident) if incident and same_name else None,
        _same_actor(mine, other) if "actor" in shared and LinkKind.SAME_ACTOR in rules else None,
    )
    return [likeness for likeness in found if likeness is not None]


def _same_person(mine: Facts, other: Facts, shared: Collection[str]) -> Likeness | None:
    grounds = {(True, True): LinkGround.PHONE_EMAIL, (True, False): LinkGround.PHONE, (False, True): LinkGround.EMAIL}
    ground = grounds.get(("phone" in shared, "email" in shared))
    if ground is not None:
        return Likeness(LinkKind.SAME_PERSON, ground, 4 if ground == LinkGround.PHONE_EMAIL else 3)
    if "name" in shared and _fits(mine.citizenship, other.citizenship):
        return Likeness(LinkKind.SAME_PERSON, LinkGround.NAME, 1)
    return None


def _same_incident(mine: Facts, other: Facts, terms: Terms) -> Likeness | None:
    apart = abs((mine.day - other.day).days)
    is_same_place = mine.country == other.country and mine.region is not None and mine.region == other.region
    if not is_same_place or apart > terms.apart_days or other.category not in terms.family(mine.category):
        return None
    is_close = apart <= 1 and mine.category == other.category
    return Likeness(LinkKind.SAME_INCIDENT, LinkGround.PLACE_DATE_ACTOR, 3 if is_close else 2)


def _same_actor(mine: Facts, other: Facts) -> Likeness:
    is_same_kind = bool(mine.actor_kind) and mine.actor_kind == other.actor_kind
    return Likeness(LinkKind.SAME_ACTOR, LinkGround.ACTOR, 2 if is_same_kind else 1)


def _fits(one: str, other: str) -> bool:
    """Equal, or one of them was not asked."""
    return not one or not other or one == other
