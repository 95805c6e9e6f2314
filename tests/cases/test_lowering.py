"""Who may say how urgent a case is: machines only raise; lowering takes a supervisor of the side and a reason."""

import csv
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.triage import confirm_triage
from cases.errors import NotAllowed, NotFound, ReasonRequired
from cases.models import Case, Note, TimelineEvent, User
from tests.cases.arrange import acting, opened, staff
from tests.cases.test_take_up_acts import answers
from tests.conftest import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
with (ROOT / "tests/cases/tables/lowering.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
PEOPLE = [row for row in TABLE if row["who"] != "machine"]
MACHINE = [row for row in TABLE if row["who"] == "machine"]
REFUSALS = {"may not": NotAllowed, "not found": NotFound, "reason missing": ReasonRequired}
# What the person says anew, and the urgency that follows from it alone in the category for advice (U4).
SAID: dict[int, dict[str, Any]] = {
    1: {"held": "yes"},
    2: {"harm": "yes", "harm_now": "no", "harm_reprisal": "yes"},
    3: {"child": "yes", "child_alone": "no"},
    4: {"held": "no"},
}


def level(name: str) -> int:
    return int(name.removeprefix("U"))


def named(row: dict[str, str]) -> str:
    return f"{row['who']}: {row['computed']} to {row['wanted']}, reason {row['reason']}"


def person(who: str) -> User:
    if who == "supervisor of the other side":
        return staff("supervisor", "RU")
    if who == "supervisor who administers too":
        return staff(roles=["supervisor", "administrator"])
    return staff(who)


def test_the_table_has_every_pair_of_levels() -> None:
    pairs = {(f"U{a}", f"U{b}") for a in range(1, 5) for b in range(1, 5)}
    for who in ("caseworker", "supervisor"):
        for reason in ("yes", "no"):
            assert {(r["computed"], r["wanted"]) for r in PEOPLE if (r["who"], r["reason"]) == (who, reason)} == pairs
    assert {(row["computed"], row["wanted"]) for row in MACHINE} == pairs


@pytest.mark.parametrize("row", PEOPLE, ids=named)
def test_what_a_person_may_set(row: dict[str, str], now: datetime) -> None:
    case, computed = opened(now), level(row["computed"])
    Case.objects.filter(pk=case.pk).update(urgency=computed, computed_urgency=computed)
    given = {"category": case.category_id, "subcode": case.subcode, "next_step": "in_progress"}
    given |= {"urgency": level(row["wanted"]), "reason": "Canary: seen in person" if row["reason"] == "yes" else " "}
    by = acting(person(row["who"]))
    refusal = REFUSALS.get(row["becomes"])
    if refusal is not None:
        with pytest.raises(refusal):
            confirm_triage(case_id=case.pk, by=by, now=now, **given)
        case.refresh_from_db()
        assert (case.urgency, case.triaged_at, Note.objects.exists()) == (computed, None, False)
        return
    confirm_triage(case_id=case.pk, by=by, now=now, **given)
    case.refresh_from_db()
    assert (case.urgency, case.computed_urgency) == (level(row["becomes"]), computed)
    lowered = TimelineEvent.objects.filter(case=case, code="urgency_lowered")
    assert lowered.exists() is (level(row["wanted"]) > computed)


@pytest.mark.parametrize("row", MACHINE, ids=named)
def test_what_is_computed_anew_only_raises(row: dict[str, str], now: datetime) -> None:
    case, before = opened(now, category="OTH", subcode="INFO"), level(row["computed"])
    Case.objects.filter(pk=case.pk).update(urgency=before, computed_urgency=before)
    case.refresh_from_db()
    case = answers(case, now + timedelta(hours=1), **SAID[level(row["wanted"])])
    assert case.urgency == case.computed_urgency == level(row["becomes"])
    assert not TimelineEvent.objects.filter(case=case, code="urgency_lowered").exists()
