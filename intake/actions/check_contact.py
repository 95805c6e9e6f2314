"""Checks how a person wants to be reached: numbers, addresses, safe days and hours."""

import re
from dataclasses import replace
from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from intake.queries.reference import ReferenceData
from intake.questionnaire import is_plausible
from intake.vocabulary import ContactMethod

from .entry import ContactEntry, ReportEntry
from .problems import Problems

_CLOCK = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
_METHODS = ("", *ContactMethod.values)
LENGTH = 200  # characters of the value, the cover name, the safe word


def check_contact(
    entry: ReportEntry, data: ReferenceData, problems: Problems, *, today: date, name: str = "contact"
) -> ContactEntry | None:
    """The contact with its value in one canonical form (E.164) and its zone filled in; None when it says nothing.

    `name`: under which its problems are told ("contact.value").
    """
    found = Problems()
    clean = _checked(entry, data, found, today=today)
    for field, messages in found.fields.items():
        for message in messages:
            problems.add(name + field.removeprefix("contact"), message)
    return clean


def _checked(entry: ReportEntry, data: ReferenceData, problems: Problems, *, today: date) -> ContactEntry | None:
    contact = entry.contact
    if not isinstance(contact, ContactEntry):
        problems.add("contact", _("This cannot be read."))
        return None
    _check_switches(contact, problems)
    opens, closes = _check_hours(contact, problems)
    clean = replace(
        contact,
        value=_check_value(contact, entry.country, problems),
        cover_name=problems.line("contact.cover_name", contact.cover_name, limit=LENGTH),
        safe_word=problems.line("contact.safe_word", contact.safe_word, limit=LENGTH),
        days=_check_days(contact.days, problems),
        hours_from=opens,
        hours_until=closes,
        timezone=_check_timezone(contact, entry, data, problems),
        valid_until=_check_valid_until(contact.valid_until, problems, today=today),
        notify=contact.notify and not contact.never_contact,
    )
    return clean if clean.method or clean.never_contact else None


def _check_switches(contact: ContactEntry, problems: Problems) -> None:
    if contact.method not in _METHODS:
        problems.add("contact.method", _("Please choose one of these."))
    if contact.device_shared not in ("", "yes", "no", "unknown"):
        problems.add("contact.device_shared", _("Please choose one of these."))
    for name in ("may_leave_message", "never_contact", "notify"):
        if not isinstance(getattr(contact, name), bool):
            problems.add(f"contact.{name}", _("Please choose one of these."))


def _check_value(contact: ContactEntry, country: Any, problems: Problems) -> str:
    value = problems.line("contact.value", contact.value, limit=LENGTH)
    if value and not contact.method:
        problems.add("contact.method", _("Please choose one of these."))
    if not value:
        if contact.method and not contact.never_contact and "contact.value" not in problems.fields:
            problems.add("contact.value", _("Write the number or address, or choose that you will look here."))
        return ""
    if contact.method == ContactMethod.EMAIL:
        return _check_email(value, problems)
    if contact.method in (ContactMethod.PHONE, ContactMethod.SMS):
        return _check_phone(value, country, problems)
    return value


def _check_email(value: str, problems: Problems) -> str:
    try:
        validate_email(value)
    except ValidationError:
        problems.add("contact.value", _("This is not an e-mail address."))
    return value


def _check_phone(value: str, country: Any, problems: Problems) -> str:
    """E.164. Possible is enough: number plans change more often than our copy of them."""
    try:
        number = phonenumbers.parse(value, country if isinstance(country, str) else None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        problems.add("contact.value", _("This is not a telephone number."))
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check_days(days: Any, problems: Problems) -> tuple[int, ...]:
    is_readable = isinstance(days, list | tuple) and all(type(day) is int and 0 <= day <= 6 for day in days)
    if not is_readable:
        problems.add("contact.days", _("Please choose one of these."))
        return ()
    return tuple(sorted(set(days)))


def _check_hours(contact: ContactEntry, problems: Problems) -> tuple[str, str]:
    hours = []
    for name, value in (("hours_from", contact.hours_from), ("hours_until", contact.hours_until)):
        at = _read_time(value)
        if value and at is None:
            problems.add(f"contact.{name}", _("Write the time like this: 18:30"))
        hours.append(at.strftime("%H:%M") if at else "")
    opens, closes = hours
    if contact.hours_from and contact.hours_until and opens == closes != "":
        problems.add("contact.hours_until", _("The two times must differ."))
    if bool(contact.hours_from) != bool(contact.hours_until):
        missing = "hours_until" if contact.hours_from else "hours_from"
        problems.add(f"contact.{missing}", _("Please write both times, or none."))
    return opens, closes


def _read_time(value: Any) -> time | None:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        return None
    hour, minute = value.split(":")
    return time(int(hour), int(minute))


def _check_timezone(contact: ContactEntry, entry: ReportEntry, data: ReferenceData, problems: Problems) -> str:
    if contact.timezone:
        if isinstance(contact.timezone, str) and contact.timezone in _zones():
            return contact.timezone
        problems.add("contact.timezone", _("Please choose one of these."))
        return ""
    return _zone_of_place(entry, data) or "UTC"


def _zone_of_place(entry: ReportEntry, data: ReferenceData) -> str:
    """The region's zone, else the country's. Codes that are not even text are reported elsewhere."""
    if not isinstance(entry.country, str) or not isinstance(entry.region or "", str):
        return ""
    return data.timezone_of(country=entry.country, region=entry.region)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_valid_until(value: Any, problems: Problems, *, today: date) -> date | None:
    day = problems.day("contact.valid_until", value)
    if day is not None and not is_plausible(day, today=today):
        problems.add("contact.valid_until", _("This day is too far away. Check the year."))
    return day
