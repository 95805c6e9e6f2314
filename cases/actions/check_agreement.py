"""What an agreement must look like, asked when it is entered and again at approval. Each reason stands at its field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import available_timezones

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.models import Agreement, AgreementVersion, PartnerOrganisation
from intake.clean_text import TooLong, clean_text
from intake.errors import InvalidInput
from intake.queries import reference_data
from intake.vocabulary import DataGroup

TITLE_LENGTH = 200
LANGUAGES = ("az", "ru", "en")  # both parties' own, and the common one


@dataclass(frozen=True, slots=True)
class Terms:
    """One version as it is typed. No countries or categories: all of them. `valid_until` is the last valid day."""

    labels: Mapping[str, str]
    valid_from: date
    valid_until: date
    timezone: str
    countries: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    data_groups: tuple[str, ...] = ()
    wind_down: str = AgreementVersion.WindDown.FINISH.value

    @classmethod
    def of(cls, version: AgreementVersion) -> Self:
        return cls(
            labels=version.labels,
            valid_from=version.valid_from,
            valid_until=version.valid_until,
            timezone=version.timezone,
            countries=tuple(version.countries),
            categories=tuple(version.categories),
            data_groups=tuple(version.data_groups),
            wind_down=version.wind_down,
        )

    @classmethod
    def stored(cls, change: Mapping[str, Any]) -> Self:
        """As a request keeps them."""
        kept = change["terms"]
        return cls(
            labels=kept["labels"],
            valid_from=date.fromisoformat(kept["valid_from"]),
            valid_until=date.fromisoformat(kept["valid_until"]),
            timezone=kept["timezone"],
            countries=tuple(kept["countries"]),
            categories=tuple(kept["categories"]),
            data_groups=tuple(kept["data_groups"]),
            wind_down=kept["wind_down"],
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "valid_from": self.valid_from.isoformat(), "valid_until": self.valid_until.isoformat()}

    def columns(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def checked_terms(terms: Terms, newest: AgreementVersion | None, now: datetime) -> Terms:
    """The terms with clean titles. Raises InvalidInput at the fields that cannot be so."""
    problems: dict[str, list[Any]] = {}
    labels = _titles(terms.labels, problems)
    if terms.timezone not in available_timezones():
        problems["timezone"] = [_("There is no such time zone.")]
    if terms.valid_until < terms.valid_from:
        problems["valid_until"] = [_("The last day lies before the first.")]
    elif "timezone" not in problems and terms.valid_until < _today(terms.timezone, now):
        problems["valid_until"] = [_("The last day lies in the past.")]
    if newest is not None and terms.valid_from < newest.valid_from:
        message = _("Version {number} begins on {day}: a later version cannot begin before it.")
        problems["valid_from"] = [format_lazy(message, number=newest.number, day=newest.valid_from.isoformat())]
    _codes(terms, problems)
    if problems:
        raise InvalidInput(fields=problems)
    return replace(terms, labels=labels)


def check_parties(partner: PartnerOrganisation | None, side: str, *, under_memorandum: bool) -> None:
    """Raises InvalidInput: a partner of the other side, or a memorandum that would stand under itself."""
    if partner is None and under_memorandum:
        raise InvalidInput(fields={"under_memorandum": [_("A memorandum stands on its own.")]})
    if partner is not None and (partner.side != side or not partner.is_active):
        raise InvalidInput(fields={"partner": [_("Please choose a partner organisation of your side.")]})


def newest_version(agreement: Agreement) -> AgreementVersion | None:
    return agreement.versions.order_by("-number").first()


def _titles(labels: Mapping[str, str], problems: dict[str, list[Any]]) -> dict[str, str]:
    clean = {}
    for code in LANGUAGES:
        try:
            clean[code] = clean_text(str(labels.get(code) or ""), limit=TITLE_LENGTH)
        except TooLong:
            limit = format_lazy(_("This is too long. It can have {limit} characters."), limit=TITLE_LENGTH)
            problems[f"title_{code}"] = [limit]
            continue
        if not clean[code]:
            problems[f"title_{code}"] = [_("Please write something.")]
    return clean


def _codes(terms: Terms, problems: dict[str, list[Any]]) -> None:
    known = reference_data()
    lists = {
        "countries": (terms.countries, known.countries),
        "categories": (terms.categories, known.categories),
        "data_groups": (terms.data_groups, DataGroup.values),
    }
    for name, (given, there) in lists.items():
        unknown = sorted(set(given) - set(there))
        if unknown or len(set(given)) != len(given):
            problems[name] = [format_lazy(_("Unknown: {codes}"), codes=", ".join(unknown) or "×2")]
    if not terms.data_groups:
        problems["data_groups"] = [_("Name at least one: without it no data may be passed on.")]
    if terms.wind_down not in AgreementVersion.WindDown.values:
        problems["wind_down"] = [_("Please choose one of these.")]


def _today(zone: str, now: datetime) -> date:
    return AgreementVersion(timezone=zone).local_day(now)
