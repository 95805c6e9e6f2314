"""Reference rows just large enough for intake, and entries as the doors hand them over."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry
from intake.models import (
    Body,
    ConsentText,
    Country,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
)
from intake.queries import forget_reference_data
from intake.signals import intake_event
from tests.conftest import ROOT

QUESTIONS = json.loads((ROOT / "seeds/data/questions.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def fresh_reference_data() -> Iterator[None]:
    forget_reference_data()
    yield
    forget_reference_data()


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake alone: what cases does with an event is tested there."""
    monkeypatch.setattr(intake_event, "receivers", [])


@pytest.fixture
def small_reference(db: None) -> None:
    Country.objects.bulk_create(
        [
            Country(code="AZ", is_stay=True, timezone="Asia/Baku"),
            Country(code="RU", is_stay=True, timezone="Europe/Moscow"),
            Country(code="TR", is_stay=False, timezone="Europe/Istanbul"),
        ]
    )
    Region.objects.bulk_create(
        [
            Region(code="AZ-BA", country_id="AZ", timezone="Asia/Baku"),
            Region(code="RU-MOW", country_id="RU", timezone="Europe/Moscow"),
            Region(code="RU-KAM", country_id="RU", timezone="Asia/Kamchatka"),
        ]
    )
    Language.objects.bulk_create([Language(code=code, is_interface=True) for code in ("az", "ru", "en")])
    ProblemCategory.objects.bulk_create(
        [ProblemCategory(code="DET", default_urgency=1), ProblemCategory(code="WRK", order=1, default_urgency=3)]
    )
    ProblemSubcode.objects.bulk_create(
        [ProblemSubcode(category_id=category, code=code) for category, code in (("DET", "POLICE"), ("WRK", "UNPAID"))]
    )
    QuestionSet.objects.create(version=1, definition=QUESTIONS)
    ConsentText.objects.create(version=3, definition={})


@pytest.fixture
def body(small_reference: None) -> Body:
    return Body.objects.create(kind="consulate", labels={"en": "A consulate"})


@pytest.fixture
def entry(small_reference: None) -> Callable[..., ReportEntry]:
    """A plain report, changed by keyword."""

    def make(**changes: Any) -> ReportEntry:
        values: dict[str, Any] = {"channel": "web", "language": "az", "country": "RU", "category": "WRK"}
        return ReportEntry(**(values | changes))

    return make


@pytest.fixture
def full_entry(entry: Callable[..., ReportEntry]) -> Callable[..., ReportEntry]:
    """A report in which every question was answered."""

    def make(**changes: Any) -> ReportEntry:
        values: dict[str, Any] = {
            "region": "RU-KAM",
            "citizenship": "AZ",
            "subcode": "UNPAID",
            "age_band": "25_39",
            "handler": "AZ",
            "actor_kind": "employer",
            "answers": {"held": "yes", "held_since": "2026-11-20", "need": "yes", "need_what": ["shelter", "medicine"]},
            "story": "Canary-story: üç aydır maaş yoxdur",
            "identity": {"name": "Canary-name Əliyev"},
            "family": "Canary-family",
            "actor_name": "Canary-actor",
            "must_not_see_text": "Canary-hidden",
            "contact": ContactEntry(
                method="phone",
                value="8 900 000-00-11",
                days=(0, 4),
                hours_from="22:00",
                hours_until="06:00",
                cover_name="Canary-cover",
                safe_word="Canary-word",
                notify=True,
            ),
            "consent": ConsentEntry(
                share="any", cross_border="no", groups=frozenset({"story", "contact"}), text_version=3
            ),
        }
        return entry(**(values | changes))

    return make
