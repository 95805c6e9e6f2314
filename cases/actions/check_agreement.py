"""What an agreement must look like, asked when it is entered and again at approval. Each reason stands at its field."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID
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


def check_overlap(
    partner: PartnerOrganisation | None, terms: Terms, *, under_memorandum: bool, besides: UUID | None = None
) -> None:
    """Raises InvalidInput: another agreement of these parties is in force on some of the days, for some of the scope.
    `besides`: the one that is amended.

    Two at once would leave open under which of them data flows. One that stands on its own beside one under the
    memorandum is another chain, and may be.
    """
    parties = {"agreement__partner": partner, "agreement__side": partner.side if partner else ""}
    others = AgreementVersion.objects.filter(**parties, agreement__under_memorandum=under_memorandum)
    others = others.exclude(agreement=besides)
    by_agreement: dict[UUID, list[AgreementVersion]] = {}
    for version in others.select_related("agreement").order_by("agreement", "number"):
        by_agreement.setdefault(version.agreement_id, []).append(version)
    for versions in by_agreement.values():
        for version, last_day in _in_effect(versions):
            if terms.valid_from <= last_day and version.valid_from <= terms.valid_until and _meets(terms, version):
                said = _("{title} is in force from {first} to {last} for some of this. Amend or end that one first.")
                message = format_lazy(said, title=str(version), first=version.valid_from, last=last_day)
                raise InvalidInput(fields={"valid_from": [message]})


def _in_effect(versions: list[AgreementVersion]) -> Iterator[tuple[AgreementVersion, date]]:
    """Each version with its last day: the next one takes its place from its own first day on."""
    for number, version in enumerate(versions):
        begins = [later.valid_from - timedelta(days=1) for later in versions[number + 1 :]]
        last_day = min([version.valid_until, *begins])
        if version.valid_from <= last_day:
            yield version, last_day


def _meets(terms: Terms, version: AgreementVersion) -> bool:
    pairs = ((terms.countries, version.countries), (terms.categories, version.categories))
    return all(not mine or not theirs or set(mine) & set(theirs) for mine, theirs in pairs)


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
