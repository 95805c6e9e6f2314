"""Reference data as every report needs it, read once a minute per process: a report asks the database for none."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

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
from intake.questionnaire import Question, read_definition

logger = logging.getLogger(__name__)

LIFETIME = 60.0  # seconds
RELOAD_PAUSE = 1.0  # seconds: unknown codes make us look again, but not more often than this


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """Rows by code, to be read only: they are shared between threads."""

    countries: Mapping[str, Country]
    regions: Mapping[str, Region]
    languages: Mapping[str, Language]
    categories: Mapping[str, ProblemCategory]  # the active ones, by danger
    subcodes: Mapping[tuple[str, str], ProblemSubcode]  # (category, subcode), the active ones
    questions: tuple[Question, ...]
    questions_version: int | None
    consent_text: ConsentText | None
    bodies: frozenset[UUID]
    read_at: float

    @property
    def consent_version(self) -> int:
        return self.consent_text.version if self.consent_text else 0

    def stay_countries(self) -> list[Country]:
        return [country for country in self.countries.values() if country.is_stay]

    def regions_of(self, country: str) -> list[Region]:
        return [region for region in self.regions.values() if region.country_id == country]

    def subcodes_of(self, category: str) -> list[ProblemSubcode]:
        return [row for (parent, _), row in self.subcodes.items() if parent == category]

    def timezone_of(self, *, country: str, region: str | None) -> str:
        """IANA name of the region's zone, else the country's; empty when neither is known."""
        row = self.regions.get(region or "")
        if row is not None and row.timezone:
            return row.timezone
        place = self.countries.get(country)
        return place.timezone if place else ""


_lock = threading.Lock()
_kept: ReferenceData | None = None


def reference_data(*, newer_than: float = LIFETIME) -> ReferenceData:
    """What is kept, or read anew when it is older than `newer_than` seconds."""
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() - kept.read_at < newer_than:
        return kept
    with _lock:
        if _kept is None or _kept is kept:
            fresh = _read()
            # Nothing there yet (a site before its first load, a test): do not keep that.
            _kept = fresh if fresh.categories else None
            return fresh
        return _kept


def look_again() -> ReferenceData:
    """For a code that is not known: it may have been added since. Reads at most once a second."""
    return reference_data(newer_than=RELOAD_PAUSE)


def forget_reference_data() -> None:
    """After the rows were changed in this process."""
    global _kept
    with _lock:
        _kept = None


def unknown_bodies(ids: Iterable[UUID]) -> set[UUID]:
    """Those that name no body. One SELECT only when there is one that we do not remember."""
    missing = set(ids) - reference_data().bodies
    if missing:
        missing -= set(Body.objects.filter(pk__in=missing).values_list("pk", flat=True))
    return missing


def _read() -> ReferenceData:
    questions_version, questions = _newest_questions()
    return ReferenceData(
        countries={row.code: row for row in Country.objects.all()},
        regions={row.code: row for row in Region.objects.all()},
        languages={row.code: row for row in Language.objects.all()},
        categories={row.code: row for row in ProblemCategory.objects.filter(is_active=True)},
        subcodes={(row.category_id, row.code): row for row in ProblemSubcode.objects.filter(is_active=True)},
        questions=questions,
        questions_version=questions_version,
        consent_text=ConsentText.objects.filter(is_active=True).first(),
        bodies=frozenset(Body.objects.values_list("pk", flat=True)),
        read_at=time.monotonic(),
    )


def _newest_questions() -> tuple[int | None, tuple[Question, ...]]:
    """The newest active set that can be asked: one that an operator broke must not stop reports."""
    for row in QuestionSet.objects.filter(is_active=True):
        try:
            return row.version, read_definition(row.definition)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            logger.error("Question set %s cannot be asked (%s).", row.version, type(error).__name__)
    return None, ()
