"""The rules of a case's life in force, as plain values: closing, lost contact, looking again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from cases.models import ClosingPolicy, LostContactRule, ReviewClock
from cases.queries.remembered import Remembered


@dataclass(frozen=True, slots=True)
class LostContact:
    attempts: int
    days: int
    unread: timedelta


@dataclass(frozen=True, slots=True)
class LifeRules:
    """`closing`: pairs of category and outcome, each "" for every one, whose closing a supervisor approves."""

    closing: frozenset[tuple[str, str]]
    lost_contact: LostContact
    review_hours: Mapping[int, int]

    def needs_supervisor(self, category: str, outcome: str) -> bool:
        return not self.closing.isdisjoint({(category, outcome), (category, ""), ("", outcome), ("", "")})

    def __bool__(self) -> bool:
        return bool(self.review_hours)


# A database whose rules were never loaded: the strictest reading of domain.md §5.
_STARTING = LostContact(3, 3, timedelta(days=1))


def _read() -> LifeRules:
    policies = ClosingPolicy.objects.filter(is_active=True).values_list("category", "outcome")
    rule = LostContactRule.objects.first()
    return LifeRules(
        closing=frozenset((category or "", outcome) for category, outcome in policies),
        lost_contact=LostContact(rule.attempts, rule.days, timedelta(hours=rule.unread_hours)) if rule else _STARTING,
        review_hours=MappingProxyType(dict(ReviewClock.objects.values_list("urgency", "hours"))),
    )


life_rules = Remembered(_read)
