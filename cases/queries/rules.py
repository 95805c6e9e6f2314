"""The rules in force: urgency rules, clocks and routing policies, as plain values for the pure modules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cases.deadlines import ClockHours
from cases.models import ClockSetting, Limit, RoutingPolicy, TimingRule, UrgencyRule
from cases.queries.remembered import Remembered
from cases.urgency import Rule


@dataclass(frozen=True, slots=True)
class Policy:
    is_automatic: bool
    without_triage: bool


PROPOSE = Policy(is_automatic=False, without_triage=False)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """`rules` are the newest active version of each; `policies` are by (category, urgency)."""

    rules: tuple[Rule, ...]
    clocks: Mapping[int, ClockHours]
    policies: Mapping[tuple[str, int], Policy]
    timings: Mapping[str, tuple[int, ...]]
    limits: Mapping[str, int] = field(default_factory=dict)

    def steps(self, code: str) -> tuple[int, ...]:
        """Of a TimingRule, in its unit; none where an operator took the row away."""
        return self.timings.get(code, ())

    def limit(self, code: str) -> int | None:
        """Of a Limit; None where an operator took the row away: then there is none."""
        return self.limits.get(code)

    def policy(self, category: str, urgency: int) -> Policy:
        """Without a row a caseworker decides."""
        return self.policies.get((category, urgency), PROPOSE)

    def __bool__(self) -> bool:
        return bool(self.clocks)


def _read() -> RuleBook:
    newest = {row.code: row for row in UrgencyRule.objects.filter(is_active=True).order_by("code", "version")}
    return RuleBook(
        rules=tuple(Rule(row.code, row.version, row.level, row.step_up, row.levels) for row in newest.values()),
        clocks=MappingProxyType(
            {
                row.urgency: ClockHours(row.triage_hours, row.answer_hours, row.contact_hours)
                for row in ClockSetting.objects.all()
            }
        ),
        policies=MappingProxyType(
            {
                (row.category_id, row.urgency): Policy(row.mode == RoutingPolicy.Mode.AUTOMATIC, row.without_triage)
                for row in RoutingPolicy.objects.all()
            }
        ),
        timings=MappingProxyType({row.code: tuple(row.steps) for row in TimingRule.objects.all()}),
        limits=MappingProxyType({row.code: row.most for row in Limit.objects.all()}),
    )


rule_book = Remembered(_read)
