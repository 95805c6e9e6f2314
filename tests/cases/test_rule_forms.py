"""Rules that could not hold are refused where they are entered: urgency, closing, lost contact, reviews, links."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.db import models

from cases.models import (
    ClosingPolicy,
    JobRule,
    LinkRule,
    LostContactRule,
    ReviewClock,
    RoutingPolicy,
    UrgencyRule,
)
from cases.urgency import CHECKS, faults_of
from tests.cases.arrange import staff
from tests.conftest import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def errors(rf: Any, model: type[models.Model], instance: Any = None, **given: Any) -> set[str]:
    """As the admin's own form finds them, with what is there already."""
    request = rf.post("/")
    request.user = staff("administrator")
    form = admin.site.get_model_admin(model).get_form(request, instance, change=instance is not None)
    return set(form(given, instance=instance).errors)


def rule(**changes: Any) -> dict[str, Any]:
    return {"code": "removal_soon", "version": 9, "labels": '{"en": "Soon"}', "levels": "null", "level": 2} | changes


def test_an_urgency_rule_that_holds_is_taken(rf: Any) -> None:
    graded = {"level": "", "levels": '[{"level": 1, "within_days": 3}]'}
    assert errors(rf, UrgencyRule, **rule()) == errors(rf, UrgencyRule, **rule(**graded)) == set()
    assert errors(rf, UrgencyRule, **rule(code="minor", level="", step_up="on")) == set()


def test_every_rule_that_is_shipped_holds() -> None:
    shipped = json.loads((ROOT / "seeds/data/urgency_rules.json").read_text(encoding="utf-8"))
    assert {row["code"] for row in shipped} == set(CHECKS)
    assert not [row for row in shipped if faults_of(row["code"], row["level"], row["step_up"], row.get("levels"))]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "stars_are_bad"}),
        ("level", {"level": 0}),
        ("level", {"level": 5}),
        ("level", {"level": ""}),
        ("levels", {"levels": '"soon"'}),
        ("levels", {"levels": "[7]"}),
        ("levels", {"levels": "[{}]"}),
        ("levels", {"levels": '[{"level": 9, "within_days": 3}]'}),
        ("levels", {"levels": '[{"level": 1, "within_days": 0}]'}),
        ("levels", {"levels": '[{"level": 1, "within_hours": 3}]'}),
        ("levels", {"levels": '[{"level": 1, "within_days": "3"}]'}),
        ("levels", {"code": "homeless_tonight", "levels": '[{"level": 1, "months": [13]}]'}),
        ("levels", {"code": "trafficking", "levels": '[{"level": 1, "child": "no"}]'}),
        # What would feed itself: no missed clock makes a case more urgent, whose clocks are then missed sooner.
        ("levels", {"code": "repeat", "level": "", "step_up": "on", "levels": '[{"missed_clocks": 0}]'}),
    ],
)
def test_an_urgency_rule_that_cannot_hold_is_refused_at_its_field(field: str, changes: dict[str, Any], rf: Any) -> None:
    assert field in errors(rf, UrgencyRule, **rule(**changes))


def test_a_second_row_of_a_version_is_refused(rf: Any) -> None:
    assert errors(rf, UrgencyRule, **rule(version=1)) == {"__all__"}


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (ReviewClock, {"urgency": 1, "hours": 0}),
        (ReviewClock, {"urgency": 5, "hours": 24}),
        (LostContactRule, {"attempts": 0, "days": 0, "unread_hours": 24}),
        (LostContactRule, {"attempts": 3, "days": 3, "unread_hours": 0}),
        (LostContactRule, {"attempts": 2, "days": 3, "unread_hours": 24}),
        (RoutingPolicy, {"category": "OTH", "urgency": 5, "mode": "automatic"}),
        (RoutingPolicy, {"category": "DET", "urgency": 1, "mode": "automatic"}),  # there is one
        (JobRule, {"kind": "dry_run", "most": 0, "look_back_days": 30, "keep_days": 30}),
        (LinkRule, {"kind": "same_actor", "most": 0, "look_back_days": 1, "shared_by_at_most": 2, "families": "[]"}),
        (LinkRule, {"kind": "same_actor", "most": 5, "look_back_days": 0, "shared_by_at_most": 2, "families": "[]"}),
        (LinkRule, {"kind": "same_actor", "most": 5, "look_back_days": 9, "shared_by_at_most": 0, "families": "[]"}),
        (LinkRule, {"kind": "same_actor", "most": 5, "look_back_days": 9, "shared_by_at_most": 2, "families": "[7]"}),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(model: type[models.Model], given: dict[str, Any], rf: Any) -> None:
    names = [field.name for field in model._meta.fields]
    key = model._meta.pk
    known = model.objects.filter(pk=given[key.name]).first() if key is not None and key.name in given else None  # type: ignore[attr-defined]
    if model is LostContactRule:
        known = LostContactRule.objects.get()
    assert errors(rf, model, known, **given) & {"__all__", *names}


@pytest.mark.parametrize("families", ['[["DET", "DET"]]', '[["NOPE"]]', '["DET"]', "{}", '[["DET"], ["DET"]]'])
def test_families_of_categories_are_lists_of_known_codes_each_once(families: str, rf: Any) -> None:
    row = LinkRule.objects.get(kind="same_incident")
    given = {"kind": row.kind, "most": 5, "look_back_days": 30, "shared_by_at_most": 5, "apart_days": 1}
    assert errors(rf, LinkRule, row, **given, families='[["DET", "POL"]]') == set()
    assert "families" in errors(rf, LinkRule, row, **given, families=families)


def test_a_closing_policy_stands_once(rf: Any) -> None:
    ClosingPolicy.objects.all().delete()
    assert errors(rf, ClosingPolicy, category="DET", outcome="died", is_active="on") == set()
    ClosingPolicy.objects.create(category_id="DET", outcome="died")
    ClosingPolicy.objects.create(outcome="lost_contact")
    assert errors(rf, ClosingPolicy, category="DET", outcome="died") == {"__all__"}
    assert errors(rf, ClosingPolicy, category="", outcome="lost_contact") == {"__all__"}
    assert errors(rf, ClosingPolicy, category="DET", outcome="fled") == {"outcome"}
