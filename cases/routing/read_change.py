"""Reads a proposed change from JSON of codes; whatever is not known is refused at its own name. Decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import RoutingPolicy
from cases.partner_sheet import Area, PartnerSheet
from cases.queries.agreements import AgreementTerms
from cases.queries.partner_sheet import partner_of
from cases.routing.change import (
    AgreementBegins,
    AgreementEnds,
    AgreementScope,
    Change,
    PartnerChange,
    PolicyChange,
    SettingsChange,
    SheetChange,
)
from cases.routing.check_sheet import LARGEST_CAPACITY, faults_of_sheet, with_sheet
from cases.routing.situation import hours_of
from cases.routing.terms import faults_of, terms_of
from cases.routing.world import Known, World
from intake.errors import InvalidInput
from intake.queries import reference_data
from intake.references import new_id
from intake.vocabulary import DataGroup

_UNKNOWN = _("Please choose one of these.")


def read_change(given: Any, *, world: World, side: str, now: datetime) -> Change:
    """Raises InvalidInput that names each wrong field. A partner or agreement of the other side is not known here."""
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in _READERS:
        raise InvalidInput(fields={"kind": [_UNKNOWN]})
    reader = _Reader(given, world, side, now)
    change = _READERS[kind](reader)
    reader.refuse_what_is_left(_NAMES[kind])
    if reader.faults or change is None:
        raise InvalidInput(fields=reader.faults)
    return change


@dataclass(slots=True)
class _Reader:
    given: Mapping[str, Any]
    world: World
    side: str
    now: datetime
    faults: dict[str, list[Any]] = field(default_factory=dict)

    def fault(self, name: str, message: Any) -> None:
        self.faults.setdefault(name, []).append(message)

    def refuse_what_is_left(self, names: frozenset[str]) -> None:
        for name in sorted(map(str, set(self.given) - names - {"kind"})):
            self.fault(name[:40], _UNKNOWN)

    def codes(self, name: str, known: Any) -> frozenset[str]:
        found = self.given.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one in known for one in found):
            self.fault(name, _UNKNOWN)
            return frozenset()
        return frozenset(found)

    def one_of(self, name: str, known: Any) -> str:
        found = self.given.get(name)
        if not isinstance(found, str) or found not in known:
            self.fault(name, _UNKNOWN)
            return ""
        return found

    def truth(self, name: str) -> bool | None:
        found = self.given.get(name)
        if found is not None and not isinstance(found, bool):
            self.fault(name, _UNKNOWN)
            return None
        return found

    def number(self, name: str, least: int, most: int) -> int | None:
        found = self.given.get(name)
        if found is None:
            return None
        if type(found) is not int or not least <= found <= most:
            self.fault(name, _("Give a whole number from {least} to {most}.").format(least=least, most=most))
            return None
        return found

    def day(self, name: str) -> date | None:
        found = self.given.get(name)
        if found is None:
            return None
        try:
            day = date.fromisoformat(found)
        except (TypeError, ValueError):
            self.fault(name, _("This is not a date."))
            return None
        if day < self.now.date():
            self.fault(name, _("This day is over."))
        return day

    def partner(self) -> Known | None:
        slugs = {one.slug for one in self.world.partners if one.facts.side == self.side}
        return self.world.by_slug(self.one_of("partner", slugs))

    def agreement(self) -> str:
        """One in force that this side is party to: with one of its partners, or the memorandum."""
        own = [one.facts for one in self.world.partners if one.facts.side == self.side]
        terms = {one.version_id for facts in own for one in facts.agreements}
        terms |= {facts.memorandum.version_id for facts in own if facts.memorandum is not None}
        return self.one_of("agreement", {slug for pk, slug in self.world.agreements.items() if pk in terms})


def _read_partner(reader: _Reader) -> Change:
    known, one = reference_data(), reader.partner()
    change = PartnerChange(
        slug=one.slug if one else "",
        capacity=reader.number("capacity", 0, LARGEST_CAPACITY),
        is_active=reader.truth("is_active"),
        paused_until=reader.day("paused_until"),
        unpause=bool(reader.truth("unpause")),
        add_services=reader.codes("add_services", known.categories),
        drop_services=reader.codes("drop_services", one.services if one else ()),
        add_areas=tuple(_areas(reader, "add_areas")),
        drop_areas=frozenset(area[:2] for area in _areas(reader, "drop_areas")),
        add_languages=reader.codes("add_languages", known.languages),
        drop_languages=reader.codes("drop_languages", known.languages),
    )
    if change.unpause and change.paused_until:
        reader.fault("unpause", _("A pause cannot begin and end at once."))
    for both in () if reader.faults else ("services", "areas", "languages"):
        if set(reader.given.get(f"add_{both}") or ()) & set(reader.given.get(f"drop_{both}") or ()):
            reader.fault(f"drop_{both}", _("The same cannot be added and taken away."))
    if not reader.faults and change == PartnerChange(slug=change.slug):
        reader.fault("partner", _("Say what is to change."))
    return change


def _areas(reader: _Reader, name: str) -> list[Area]:
    """`RU`: the whole country; `RU-MOW`: a region; `RU:remote`, `RU-MOW:remote`: at a distance."""
    known = reference_data()
    places: dict[str, tuple[str, str | None]] = {row.code: (row.code, None) for row in known.stay_countries()}
    places |= {code: (row.country_id, code) for code, row in known.regions.items()}
    found: dict[str, Area] = {code: (*place, False) for code, place in places.items()}
    found |= {f"{code}:remote": (*place, True) for code, place in places.items()}
    return [found[code] for code in sorted(reader.codes(name, found))]


def _read_end(reader: _Reader) -> Change:
    return AgreementEnds(reader.agreement())


def _read_begin(reader: _Reader) -> Change:
    one = reader.partner()
    groups = reader.codes("data_groups", DataGroup.values)
    if not groups and "data_groups" not in reader.faults:
        reader.fault("data_groups", _UNKNOWN)
    countries, categories = _scope(reader)
    under = bool(reader.truth("under_memorandum"))
    return AgreementBegins(one.slug if one else "", AgreementTerms(new_id(), under, countries, categories, groups))


def _read_scope(reader: _Reader) -> Change:
    return AgreementScope(reader.agreement(), *_scope(reader))


def _scope(reader: _Reader) -> tuple[frozenset[str], frozenset[str]]:
    known = reference_data()
    countries = reader.codes("countries", {row.code for row in known.stay_countries()})
    return countries, reader.codes("categories", known.categories)


def _read_policy(reader: _Reader) -> Change:
    urgency = reader.number("urgency", 1, 4)
    if urgency is None and "urgency" not in reader.faults:
        reader.fault("urgency", _UNKNOWN)
    category = reader.one_of("category", reference_data().categories)
    return PolicyChange(category, urgency or 0, reader.one_of("mode", RoutingPolicy.Mode.values))


def _read_sheet(reader: _Reader) -> Change | None:
    """All of a partner as it is edited. What is wrong with it stands at its fields; what cannot be read, at `sheet`."""
    one = reader.partner()
    partner = partner_of(one.slug, reader.side) if one else None
    try:
        sheet = PartnerSheet.stored(reader.given["sheet"])
    except (KeyError, TypeError, ValueError, AttributeError):
        reader.fault("sheet", _UNKNOWN)
        return None
    if partner is None:
        return None
    reader.faults.update(faults_of_sheet(sheet, partner, reader.now))
    if reader.faults:
        return None
    return SheetChange(partner.slug, sheet, hours_of(with_sheet(partner, sheet), {}, reader.now))


def _read_settings(reader: _Reader) -> Change | None:
    given: Any = reader.given.get("definition")
    for fault in faults_of(given):
        reader.fault(fault.at or "definition", _(fault.what))
    return None if reader.faults else SettingsChange(terms_of(given))


_READERS: Mapping[str, Callable[[_Reader], Change | None]] = {
    "partner": _read_partner,
    "agreement_ends": _read_end,
    "agreement_begins": _read_begin,
    "agreement_scope": _read_scope,
    "policy": _read_policy,
    "sheet": _read_sheet,
    "settings": _read_settings,
}
_NAMES: Mapping[str, frozenset[str]] = {
    "partner": frozenset(
        {"partner", "capacity", "is_active", "paused_until", "unpause"}
        | {f"{act}_{what}" for act in ("add", "drop") for what in ("services", "areas", "languages")}
    ),
    "agreement_ends": frozenset({"agreement"}),
    "agreement_begins": frozenset({"partner", "countries", "categories", "data_groups", "under_memorandum"}),
    "agreement_scope": frozenset({"agreement", "countries", "categories"}),
    "policy": frozenset({"category", "urgency", "mode"}),
    "sheet": frozenset({"partner", "sheet"}),
    "settings": frozenset({"definition"}),
}
