"""What a partner's sheet must look like; each reason stands at its field. Asked where it is typed, and tried."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext_lazy as _

from cases.deadlines import next_opening
from cases.models import PartnerOrganisation
from cases.partner_sheet import PartnerSheet, ServiceSheet
from cases.queries.calendars import partner_calendar
from cases.routing.snapshot import UNDER_18
from intake.queries import reference_data
from intake.vocabulary import AgeBand, Gender

LARGEST_CAPACITY = 10_000
MOST_PERIODS = 100  # of days off, and of hours
_UNKNOWN = _("Please choose one of these.")
Faults = dict[str, list[Any]]


def faults_of_sheet(sheet: PartnerSheet, partner: PartnerOrganisation, now: datetime) -> Faults:
    """By field: `services` with the category behind a dot, `working_hours` with the weekday; empty: it can be so."""
    faults: Faults = {}
    for at, message in (
        *_places(sheet),
        *_languages(sheet),
        *_areas(sheet),
        *_services(sheet),
        *_hours(sheet),
        *_days_off(sheet),
    ):
        faults.setdefault(at, []).append(message)
    return faults or {at: [message] for at, message in _opens(sheet, partner, now)}


def with_sheet(partner: PartnerOrganisation, sheet: PartnerSheet) -> PartnerOrganisation:
    """The columns of the partner's own row as the sheet has them. Saves nothing."""
    partner.capacity, partner.is_active, partner.timezone = sheet.capacity, sheet.is_active, sheet.timezone
    partner.around_the_clock = sheet.around_the_clock
    partner.working_hours = [list(one) for one in sheet.working_hours]
    partner.closed_days = [list(one) for one in sheet.closed_days]
    return partner


Found = Iterable[tuple[str, Any]]


def _places(sheet: PartnerSheet) -> Found:
    if type(sheet.capacity) is not int or not 0 <= sheet.capacity <= LARGEST_CAPACITY:
        yield "capacity", _("Give a whole number from {least} to {most}.").format(least=0, most=LARGEST_CAPACITY)
    if sheet.timezone not in available_timezones():
        yield "timezone", _("There is no such time zone.")
    if sheet.is_active and not sheet.services:
        yield "services", _("A partner without any service could be offered nothing. Name one, or set it inactive.")
    if sheet.is_active and not sheet.areas:
        yield "areas", _("Name at least one area: without it no case could be offered.")


def _languages(sheet: PartnerSheet) -> Found:
    both = [*sheet.languages, *sheet.interpreter_languages]
    if not set(both) <= set(reference_data().languages):
        yield "languages", _UNKNOWN
    if len(set(both)) != len(both):
        yield "interpreter_languages", _("A language is either spoken or goes through an interpreter.")
    if sheet.is_active and not both:
        yield "languages", _("Name at least one language: without it no case could be offered.")


def _areas(sheet: PartnerSheet) -> Found:
    known = reference_data()
    countries = {row.code for row in known.stay_countries()}
    for country, region, _remote in sheet.areas:
        row = known.regions.get(region) if region else None
        if country not in countries or (region and (row is None or row.country_id != country)):
            yield "areas", _UNKNOWN
    places = [area[:2] for area in sheet.areas]
    if len(set(places)) != len(places):
        yield "remote_areas", _("A place is helped either there or at a distance, not both.")


def _services(sheet: PartnerSheet) -> Found:
    known = reference_data()
    for code, service in sheet.services.items():
        if code not in known.categories:
            yield "services", _UNKNOWN
            continue
        subcodes = {row.code for row in known.subcodes_of(code)}
        for name, there in (("subcodes", subcodes), ("age_bands", AgeBand.values), ("genders", Gender.values)):
            given = getattr(service, name)
            if not set(given) <= set(there) or len(set(given)) != len(given):
                yield f"services.{code}.{name}", _UNKNOWN
        if _takes_only_children(service) and not service.child_safeguarding:
            said = _("Only children, and no rules for their protection: nobody could be offered to it.")
            yield f"services.{code}.child_safeguarding", said


def _takes_only_children(service: ServiceSheet) -> bool:
    return bool(service.age_bands) and set(service.age_bands) <= UNDER_18


def _hours(sheet: PartnerSheet) -> Found:
    if sheet.around_the_clock and sheet.working_hours:
        yield "around_the_clock", _("Either around the clock or with hours.")
    if len(sheet.working_hours) > MOST_PERIODS:
        yield "working_hours", _("There are too many of them.")
    by_day: dict[int, list[tuple[time, time]]] = {}
    for weekday, start, end in sheet.working_hours:
        begins, ends = _time(start), time.max if end == "24:00" else _time(end)
        if weekday not in range(7) or begins is None or ends is None:
            yield f"working_hours.{weekday}", _("This is not a time of day.")
        elif ends <= begins:
            yield (
                f"working_hours.{weekday}",
                _("This period ends before it begins. A night is two: until 24:00, from 00:00."),
            )
        else:
            by_day.setdefault(weekday, []).append((begins, ends))
    for weekday, periods in by_day.items():
        if _overlap(periods):
            yield f"working_hours.{weekday}", _("Two periods of this day overlap.")


def _days_off(sheet: PartnerSheet) -> Found:
    if len(sheet.closed_days) > MOST_PERIODS:
        yield "closed_days", _("There are too many of them.")
    periods = []
    for first, last in sheet.closed_days:
        begins, ends = _day(first), _day(last)
        if begins is None or ends is None:
            yield "closed_days", _("This is not a date.")
        elif ends < begins:
            yield "closed_days", _("The last day lies before the first.")
        else:
            periods.append((begins, ends + timedelta(days=1)))
    if _overlap(periods):
        yield "closed_days", _("Two of these periods overlap.")


def _opens(sheet: PartnerSheet, partner: PartnerOrganisation, now: datetime) -> Found:
    """A clock must have an hour in which to end: never closed for 60 days on end, as sheet and holidays have it."""
    calendar = partner_calendar(with_sheet(_copied(partner), sheet))
    if calendar.hours and next_opening(replace(calendar, holidays=frozenset()), now) is None:
        yield "working_hours", _("With these hours it would never be open.")
    for first, _last in sheet.closed_days:
        begins = datetime.combine(date.fromisoformat(first), time(0), tzinfo=ZoneInfo(sheet.timezone))
        if next_opening(calendar, max(begins, now)) is None:
            yield "closed_days", _("With this the partner would not be open within 60 days. Pause it instead.")


def _copied(partner: PartnerOrganisation) -> PartnerOrganisation:
    return PartnerOrganisation(side=partner.side, country_id=partner.country_id, slug=partner.slug)


def _overlap(periods: list[tuple[Any, Any]]) -> bool:
    """Half-open periods: one may begin where another ends."""
    in_order = sorted(periods)
    return any(before[1] > after[0] for before, after in itertools.pairwise(in_order))


def _time(typed: Any) -> time | None:
    try:
        found = time.fromisoformat(typed)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is None and found.strftime("%H:%M") == typed else None


def _day(typed: Any) -> date | None:
    try:
        return date.fromisoformat(typed)
    except (TypeError, ValueError):
        return None
