"""What is wrong with an urgency rule as an operator enters it: said at its field, before it could fire or not fire."""

from collections.abc import Mapping

from .rules import CHECKS, LEAST_URGENT, MOST_URGENT

# The conditions that a grade of a rule may have besides its level; any other word in it would be a slip.
CONDITIONS: Mapping[str, frozenset[str]] = {
    "removal_soon": frozenset({"within_days"}),
    "trafficking": frozenset({"strong_indicators", "child"}),
    "incommunicado": frozenset({"after_hours"}),
    "homeless_tonight": frozenset({"child", "months"}),
    "repeat": frozenset({"reports", "within_days", "missed_clocks"}),
}


def faults_of(code: str, level: object, step_up: bool, levels: object) -> list[str]:
    """What is wrong with a rule as data: `code`, `levels` or `level`; empty where it can fire as it is meant.

    Rules never look at one another. The one that could feed itself is `repeat`: a missed clock raises the urgency, and
    shorter clocks are missed sooner. So it needs a missed clock (at least one), and steps up once in a case's life.
    """
    if code not in CHECKS:
        return ["code"]
    faults = []
    if not (level is None or _is_level(level)):
        faults.append("level")
    grades = [] if levels is None else levels
    if not isinstance(grades, list) or not all(_is_grade(code, grade) for grade in grades):
        faults.append("levels")
    elif not (_is_level(level) or step_up or any("level" in grade for grade in grades)):
        faults.append("level")
    return faults


def _is_level(value: object) -> bool:
    return type(value) is int and MOST_URGENT <= value <= LEAST_URGENT


def _is_grade(code: str, grade: object) -> bool:
    if not isinstance(grade, Mapping) or not grade or not set(grade) <= {"level", *CONDITIONS.get(code, ())}:
        return False
    return all(_is_value(name, value) for name, value in grade.items())


def _is_value(name: str, value: object) -> bool:
    if name == "level":
        return _is_level(value)
    if name == "child":
        return value is True
    if name == "months":
        return isinstance(value, list) and bool(value) and all(type(n) is int and 1 <= n <= 12 for n in value)
    return type(value) is int and value >= 1
