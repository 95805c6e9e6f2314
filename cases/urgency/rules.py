"""How urgent a case is, and why: the thirteen rules of domain.md §3 over facts and dates. Pure: no row, no clock.

Thresholds, levels and versions arrive as `Rule`s (seed data); here stands only what each rule looks at. Machines only
raise: nothing in here can make a case less urgent than its category is. Urgencies are 1 (immediate) to 4 (ordinary).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MOST_URGENT, LEAST_URGENT = 1, 4

# One condition of a rule and the level it leads to, for instance {"level": 2, "within_days": 10}.
Grade = Mapping[str, object]


@dataclass(frozen=True)
class Rule:
    """One version of a rule as data. `levels` grades it; each grade's own level, if any, goes before `level`."""

    code: str
    version: int
    level: int | None = None
    step_up: bool = False
    levels: Sequence[Grade] | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a report. `today` is the date where the person is; `earlier_reports_30d` leaves this one out."""

    category: str
    subcode: str
    category_level: int
    subcode_level: int | None
    answers: Mapping[str, object]
    age_band: str | None
    today: date
    earlier_reports_30d: int = 0
    clocks_missed: int = 0
    dates: Sequence[tuple[str, date]] = ()  # entered on the case: (kind, day)


@dataclass(frozen=True)
class Firing:
    """Kept with the case, so that anyone can read why, and by which version."""

    code: str
    version: int
    level: int | None
    step_up: bool


@dataclass(frozen=True)
class Assessment:
    level: int
    firings: tuple[Firing, ...]
    default_level: int


def assess(facts: Facts, rules: Iterable[Rule]) -> Assessment:
    """The most urgent of the default and every rule that names a level; then one step up, once, never above 1.

    A rule that is not among `rules`, or that nobody wrote a check for, does not fire. Firings come most urgent first,
    in the same order for any order of `rules`.
    """
    default = facts.category_level if facts.subcode_level is None else facts.subcode_level
    found = [firing for rule in rules if (firing := _fire(rule, facts)) is not None]
    firings = tuple(sorted(found, key=lambda f: (f.level or LEAST_URGENT + 1, f.code, f.version)))
    level = min([default, *(f.level for f in firings if f.level is not None)])
    if any(f.step_up for f in firings):
        level -= 1
    return Assessment(level=max(MOST_URGENT, level), firings=firings, default_level=default)


def _fire(rule: Rule, facts: Facts) -> Firing | None:
    check = CHECKS.get(rule.code)
    if check is None:
        return None
    holding = [grade for grade in _grades(rule) if check(facts, grade)]
    if not holding:
        return None
    named = [_number(grade, "level", rule.level) for grade in holding]
    level = min((n for n in named if n is not None and MOST_URGENT <= n <= LEAST_URGENT), default=None)
    if level is None and not rule.step_up:
        return None
    return Firing(code=rule.code, version=rule.version, level=level, step_up=rule.step_up)


def _grades(rule: Rule) -> list[Grade]:
    """A rule without grades has a single one, without a condition."""
    return [grade for grade in rule.levels or () if isinstance(grade, Mapping)] or [{}]


def _number(grade: Grade, key: str, default: int | None) -> int | None:
    value = grade.get(key, default)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


# --- reading answers: they come from outside and may be anything, so a value of a wrong kind counts as no answer

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _yes(facts: Facts, key: str) -> bool:
    return facts.answers.get(key) == "yes"


def _asked(facts: Facts, question: str) -> bool:
    """Whether the follow-ups of a question count. Where the question itself is missing (a hotline may send follow-ups
    alone) they do: better one case too many in front of a person than one too few."""
    return facts.answers.get(question, "yes") == "yes"


def _ticked(facts: Facts, question: str, key: str) -> frozenset[str]:
    value = facts.answers.get(key)
    if not _asked(facts, question) or not isinstance(value, list | tuple):
        return frozenset()
    return frozenset(item for item in value if isinstance(item, str))


def _date(facts: Facts, key: str) -> date | None:
    value = facts.answers.get(key)
    if not isinstance(value, str) or not _DAY.fullmatch(value):  # fromisoformat alone would also read 2026-W25-2
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _child(facts: Facts) -> bool:
    return _yes(facts, "child") or facts.age_band in MINOR_BANDS


# --- the rules

MINOR_BANDS = frozenset({"under_14", "14_17"})
DATE_KINDS = frozenset({"removal", "appeal", "permit"})
# A date that has just passed is the worst case, not an old one: people write too late more often than too early.
PAST_DAYS = 30
MEDICAL_NEEDS = frozenset({"emergency", "late_pregnancy", "medicine", "self_harm"})
COERCED_SIGNATURES = frozenset({"sign_contract", "sign_military"})
# The ILO's indicators of forced labour (2012) that the sixth question asks about.
STRONG_INDICATORS = frozenset({"papers_taken", "cannot_leave", "threats", "debt", "withheld_pay", "sexual"})
# Alone these also happen in ordinary quarrels (a landlord keeps a passport, a shop owes wages) ...
AMBIGUOUS_INDICATORS = frozenset({"papers_taken", "withheld_pay"})
# ... except where the report itself is about work.
WORK_CATEGORIES = frozenset({"EXP", "WRK"})


def _detained_now(facts: Facts, grade: Grade) -> bool:
    return _yes(facts, "held")


def _removal_soon(facts: Facts, grade: Grade) -> bool:
    limit = _number(grade, "within_days", None)
    known = [*facts.dates, *_date_answered(facts)]
    return limit is not None and any(
        kind in DATE_KINDS and -PAST_DAYS <= (on - facts.today).days <= limit for kind, on in known
    )


def _date_answered(facts: Facts) -> list[tuple[str, date]]:
    kind, on = facts.answers.get("date_kind"), _date(facts, "date_on")
    if not _asked(facts, "date_near") or not isinstance(kind, str) or on is None:
        return []
    return [(kind, on)]


def _violence_now(facts: Facts, grade: Grade) -> bool:
    return _asked(facts, "harm") and _yes(facts, "harm_now")


def _minor_alone(facts: Facts, grade: Grade) -> bool:
    if not _yes(facts, "child_alone"):
        return False
    return _asked(facts, "child") or _child(facts)


def _minor(facts: Facts, grade: Grade) -> bool:
    return _child(facts)


def _trafficking(facts: Facts, grade: Grade) -> bool:
    least = _number(grade, "strong_indicators", 1)
    if grade.get("child") is True and not _child(facts):
        return False
    return least is not None and max(least, 1) <= _strong_indicators(facts)


def _strong_indicators(facts: Facts) -> int:
    found = _ticked(facts, "forced", "forced_what") & STRONG_INDICATORS
    if len(found) == 1 and found <= AMBIGUOUS_INDICATORS and facts.category not in WORK_CATEGORIES:
        return 0
    return len(found)


def _medical(facts: Facts, grade: Grade) -> bool:
    return bool(_ticked(facts, "need", "need_what") & MEDICAL_NEEDS)


def _no_documents(facts: Facts, grade: Grade) -> bool:
    return _asked(facts, "forced") and _yes(facts, "no_papers") and _yes(facts, "police_expected")


def _incommunicado(facts: Facts, grade: Grade) -> bool:
    return _yes(facts, "contact_lost") or _held_unseen(facts, _number(grade, "after_hours", 24) or 24)


def _held_unseen(facts: Facts, hours: int) -> bool:
    """Only the day is asked, not the hour: a person held since yesterday counts as held for 24 hours."""
    since = _date(facts, "held_since")
    if since is None or not _asked(facts, "held") or facts.answers.get("held_contact") != "no":
        return False
    return (facts.today - since).days * 24 >= hours


def _coerced_contract(facts: Facts, grade: Grade) -> bool:
    return bool(_ticked(facts, "forced", "forced_what") & COERCED_SIGNATURES)


def _homeless_tonight(facts: Facts, grade: Grade) -> bool:
    """`months` are the winter ones, in both countries of the first corridor November to March."""
    if "shelter" not in _ticked(facts, "need", "need_what"):
        return False
    if grade.get("child") is True and not _child(facts):
        return False
    months = grade.get("months")
    return "months" not in grade or (isinstance(months, list | tuple) and facts.today.month in months)


def _reprisal(facts: Facts, grade: Grade) -> bool:
    return _asked(facts, "harm") and _yes(facts, "harm_reprisal")


def _repeat(facts: Facts, grade: Grade) -> bool:
    reports, missed = _number(grade, "reports", None), _number(grade, "missed_clocks", None)
    if reports is not None and facts.earlier_reports_30d + 1 >= reports:
        return True
    return missed is not None and facts.clocks_missed >= missed


CHECKS: Mapping[str, Callable[[Facts, Grade], bool]] = {
    "detained_now": _detained_now,
    "removal_soon": _removal_soon,
    "violence_now": _violence_now,
    "minor_alone": _minor_alone,
    "minor": _minor,
    "trafficking": _trafficking,
    "medical": _medical,
    "no_documents": _no_documents,
    "incommunicado": _incommunicado,
    "coerced_contract": _coerced_contract,
    "homeless_tonight": _homeless_tonight,
    "reprisal": _reprisal,
    "repeat": _repeat,
}
