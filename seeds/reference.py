"""Loads the reference data of seeds/data. Safe to run again: words are updated by code, what an operator set stays."""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction

from cases.models import (
    AgreementNotice,
    ApprovalPeriod,
    ClockSetting,
    ClosingPolicy,
    Holiday,
    JobRule,
    Limit,
    LinkRule,
    LostContactRule,
    ReviewClock,
    RoutingPolicy,
    RoutingSetting,
    TimingRule,
    UrgencyRule,
    WorkingHours,
)
from cases.queries.remembered import forget_reference
from intake.models import (
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
    RetentionRule,
)
from intake.queries import forget_reference_data

DATA = Path(__file__).resolve().parent / "data"


@transaction.atomic(durable=True)
def load_reference() -> None:
    """All of it, in the order of its foreign keys."""
    _countries()
    _directions()
    _categories()
    _texts()
    _clocks_and_rules()
    _rules_of_life()
    cache.clear()
    forget_reference_data()
    forget_reference()


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = settings.LANGUAGES_FILE if name == "languages.csv" else DATA / name
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _json(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def _labels(row: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """The words in every language of the pages; one that the file does not have yet reads as English."""
    return {code: row[prefix + code] for code, _name in settings.LANGUAGES if row.get(prefix + code)}


def _upsert(model: type[models.Model], rows: Sequence[models.Model], unique: list[str], update: list[str]) -> None:
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=unique, update_fields=update, batch_size=500
    )


def _countries() -> None:
    countries = [
        Country(
            code=row["code"],
            labels=_labels(row),
            is_stay=row["stay"] == "1",
            timezone=row["timezone"],
            neutral_url=row["neutral_url"],
        )
        for row in _rows("countries.csv")
    ]
    _upsert(Country, countries, ["code"], ["labels", "timezone"])
    regions = [
        Region(code=row["code"], country_id=row["country"], labels=_labels(row), timezone=row["timezone"])
        for row in _rows("regions.csv")
    ]
    _upsert(Region, regions, ["code"], ["labels", "timezone"])
    languages = [
        Language(code=row["code"], labels=_labels(row), is_interface=row["ui"] == "1") for row in _rows("languages.csv")
    ]
    _upsert(Language, languages, ["code"], ["labels", "is_interface"])
    numbers = [
        EmergencyNumber(country_id=row["country"], number=row["number"], kind=row["kind"], labels=_labels(row))
        for row in _rows("emergency_numbers.csv")
    ]
    _upsert(EmergencyNumber, numbers, ["country", "number"], ["labels"])


def _directions() -> None:
    rows = [Direction(number=int(row["number"]), labels=_labels(row)) for row in _rows("directions.csv")]
    _upsert(Direction, rows, ["number"], ["labels"])


def _categories() -> None:
    rows = list(_rows("categories.csv"))
    categories = [
        ProblemCategory(
            code=row["code"],
            order=int(row["order"]),
            default_urgency=int(row["default_urgency"]),
            labels=_labels(row, "staff_"),
            reporter_labels=_labels(row, "reporter_"),
        )
        for row in rows
    ]
    known = set(ProblemCategory.objects.values_list("code", flat=True))
    _upsert(ProblemCategory, categories, ["code"], ["labels", "reporter_labels"])
    for row in rows:
        if row["code"] not in known:
            ProblemCategory(code=row["code"]).directions.set([int(number) for number in row["directions"].split()])
    _subcodes()


def _subcodes() -> None:
    rows = list(_rows("subcodes.csv"))
    subcodes = [
        ProblemSubcode(
            category_id=row["category"],
            code=row["code"],
            order=int(row["order"]),
            urgency=int(row["urgency"]) if row["urgency"] else None,
            labels=_labels(row, "staff_"),
            reporter_labels=_labels(row, "reporter_"),
        )
        for row in rows
    ]
    known = set(ProblemSubcode.objects.values_list("category_id", "code"))
    _upsert(ProblemSubcode, subcodes, ["category", "code"], ["labels", "reporter_labels"])
    for row in rows:
        if row["directions"] and (row["category"], row["code"]) not in known:
            subcode = ProblemSubcode.objects.get(category=row["category"], code=row["code"])
            subcode.directions.set([int(number) for number in row["directions"].split()])


def _texts() -> None:
    _questions(_json("questions.json"))
    _upsert(ConsentText, [ConsentText(version=1, definition=_json("consent_texts.json"))], ["version"], ["definition"])


def _questions(shipped: dict[str, Any]) -> None:
    """Words of a shipped edition are updated. A new edition is asked at once, unless an operator made the set in force:
    then it waits, inactive, to be looked at in the admin. An operator's sets carry no edition ("version")."""
    rows = list(QuestionSet.objects.all())  # newest first
    same = next((row for row in rows if row.definition.get("version") == shipped["version"]), None)
    if same is not None:
        same.definition = shipped
        same.save(update_fields=["definition"])
        return
    in_force = next((row for row in rows if row.is_active), None)
    is_ours = in_force is None or "version" in in_force.definition
    newest = max((row.version for row in rows), default=0)
    QuestionSet.objects.create(version=max(newest + 1, shipped["version"]), definition=shipped, is_active=is_ours)


def _clocks_and_rules() -> None:
    clocks = [
        ClockSetting(**{name: int(row[name]) for name in ("urgency", "triage_hours", "answer_hours", "contact_hours")})
        for row in _rows("clocks.csv")
    ]
    # What an operator has changed stays as it is: these are starting values.
    ClockSetting.objects.bulk_create(clocks, ignore_conflicts=True)
    LinkRule.objects.bulk_create([LinkRule(**row) for row in _json("link_rules.json")], ignore_conflicts=True)
    notices = [AgreementNotice(days=int(row["days"])) for row in _rows("agreement_notices.csv")]
    periods = [ApprovalPeriod(kind=row["kind"], days=int(row["days"])) for row in _rows("approval_periods.csv")]
    if not AgreementNotice.objects.exists():  # else the operator's own days
        AgreementNotice.objects.bulk_create(notices)
    ApprovalPeriod.objects.bulk_create(periods, ignore_conflicts=True)
    timings = [TimingRule(code=row["code"], steps=row["steps"]) for row in _json("timings.json")]
    TimingRule.objects.bulk_create(timings, ignore_conflicts=True)
    Limit.objects.bulk_create([Limit(**row) for row in _json("limits.json")], ignore_conflicts=True)
    JobRule.objects.bulk_create([JobRule(**row) for row in _json("job_rules.json")], ignore_conflicts=True)
    retention = [RetentionRule(code=row["code"], days=row["days"]) for row in _json("retention.json")]
    RetentionRule.objects.bulk_create(retention, ignore_conflicts=True)
    policies = [
        RoutingPolicy(
            category_id=row["category"],
            urgency=int(row["urgency"]),
            mode=row["mode"],
            without_triage=row["without_triage"] == "1",
        )
        for row in _rows("routing_policies.csv")
    ]
    RoutingPolicy.objects.bulk_create(policies, ignore_conflicts=True)
    settings_row = RoutingSetting(version=1, definition=_json("routing_settings.json"))
    RoutingSetting.objects.bulk_create([settings_row], ignore_conflicts=True)
    rules = [
        UrgencyRule(
            code=rule["code"],
            version=rule["version"],
            level=rule.get("level"),
            levels=rule.get("levels"),
            step_up=rule.get("step_up", False),
            labels=_labels(rule),
        )
        for rule in _json("urgency_rules.json")
    ]
    _upsert(UrgencyRule, rules, ["code", "version"], ["labels"])
    holidays = [
        Holiday(country_id=row["country"], date=date.fromisoformat(row["date"]), name=row["name_en"])
        for row in _rows("holidays.csv")
    ]
    Holiday.objects.bulk_create(holidays, ignore_conflicts=True)
    if not WorkingHours.objects.exists():
        WorkingHours.objects.bulk_create(
            WorkingHours(
                side=row["side"],
                weekday=int(row["weekday"]),
                start=time.fromisoformat(row["start"]),
                end=time.fromisoformat(row["end"]),
                timezone=row["timezone"],
            )
            for row in _rows("working_hours.csv")
        )


def _rules_of_life() -> None:
    """Starting values. A line that is no longer wanted is set inactive: a deleted one would come back."""
    policies = [
        ClosingPolicy(category_id=row["category"] or None, outcome=row["outcome"])
        for row in _rows("closing_policies.csv")
    ]
    ClosingPolicy.objects.bulk_create(policies, ignore_conflicts=True)
    LostContactRule.objects.bulk_create([LostContactRule(**_json("lost_contact.json"))], ignore_conflicts=True)
    clocks = [ReviewClock(urgency=int(row["urgency"]), hours=int(row["hours"])) for row in _rows("review_clocks.csv")]
    ReviewClock.objects.bulk_create(clocks, ignore_conflicts=True)
