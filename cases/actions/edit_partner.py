"""What a partner offers, and whom one writes to: edited by a coordinator of its side (domain.md §10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from cases.actions.once import in_transaction
from cases.actions.partner_row import keep_edit, locked_partner
from cases.actions.record import Actor
from cases.actions.wake_unrouted import CHANGED, wake_unrouted_step
from cases.errors import StaleObject
from cases.models import (
    PartnerLanguage,
    PartnerOrganisation,
    Service,
    ServiceArea,
)
from cases.partner_sheet import PartnerSheet
from cases.queries.partner_sheet import load_of, sheet_of
from cases.routing.check_sheet import Faults, faults_of_sheet, with_sheet
from intake.clean_text import TooLong, clean_text
from intake.errors import InvalidInput
from intake.models import Body
from intake.queries import reference_data

NAME_LENGTH = 200
MOST_RELATED = 50
PHONE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class PartnerContact:
    """Where its notices go, whom to ring at night, and which bodies it has declared to be close to."""

    email: str
    phone: str
    duty_phone: str
    language: str
    related_bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """`load`, when it is above the new capacity: then only new offers stop (domain.md §8)."""

    partner: PartnerOrganisation
    changed: Sequence[str]
    load: int | None = None


def edit_partner(
    *, partner_id: UUID, sheet: PartnerSheet, contact: PartnerContact, seen: int, by: Actor, now: datetime
) -> Edited:
    """Puts the sheet in the place of what was there, as one edit. `seen`: the version that the person had before them.

    Unrouted cases that this partner could take now are tried at once. Writes to no timeline, feed or outbox; a
    PartnerEdit names the fields. Raises NotAllowed, NotFound (also of the other side), StaleObject (somebody else
    edited it meanwhile) and InvalidInput at the field that cannot be so.
    """
    return in_transaction(lambda: _edit_step(partner_id, sheet, contact, seen, by, now))


def _edit_step(
    partner_id: UUID, sheet: PartnerSheet, contact: PartnerContact, seen: int, by: Actor, now: datetime
) -> Edited:
    partner, user = locked_partner(partner_id, by)
    if partner.version != seen:
        raise StaleObject()
    clean, faults = checked_contact(contact)
    if faults := {**faults_of_sheet(sheet, partner, now), **faults}:
        raise InvalidInput(fields=faults)
    before = sheet_of(partner)
    changed = [*sheet.differs_in(before), *_put_contact(partner, clean)]
    if not changed:
        return Edited(partner, [])
    with_sheet(partner, sheet)
    if sheet.is_active:  # a new one is named on the public pages from now on
        Body.objects.filter(pk=partner.body_id, is_active=False).update(is_active=True)
    _put_rows(partner, before, sheet)
    keep_edit(partner, user, "edited", changed, now)
    wake_unrouted_step([partner.pk], now=now, limit=CHANGED)
    load = load_of(partner.pk) if "capacity" in changed else 0
    return Edited(partner, changed, load if load > sheet.capacity else None)


def _put_rows(partner: PartnerOrganisation, before: PartnerSheet, sheet: PartnerSheet) -> None:
    if sheet.services != before.services:
        Service.objects.filter(partner=partner).delete()
        Service.objects.bulk_create(
            Service(
                partner=partner,
                category_id=code,
                subcodes=list(one.subcodes),
                age_bands=list(one.age_bands),
                genders=list(one.genders),
                child_safeguarding=one.child_safeguarding,
                is_specialised=one.is_specialised,
            )
            for code, one in sheet.services.items()
        )
    if sheet.areas != before.areas:
        ServiceArea.objects.filter(partner=partner).delete()
        ServiceArea.objects.bulk_create(
            ServiceArea(partner=partner, country_id=country, region_id=region, is_remote=is_remote)
            for country, region, is_remote in sheet.areas
        )
    spoken = (sheet.languages, sheet.interpreter_languages)
    if spoken != (before.languages, before.interpreter_languages):
        PartnerLanguage.objects.filter(partner=partner).delete()
        PartnerLanguage.objects.bulk_create(
            PartnerLanguage(partner=partner, language_id=code, by_interpreter=by_interpreter)
            for codes, by_interpreter in zip(spoken, (False, True), strict=True)
            for code in codes
        )


def _put_contact(partner: PartnerOrganisation, contact: PartnerContact) -> list[str]:
    changed = []
    for name in PartnerContact.__dataclass_fields__:
        value = getattr(contact, name)
        new = list(value) if isinstance(value, tuple) else value
        if getattr(partner, name) != new:
            setattr(partner, name, new)
            changed.append(name)
    return changed


def checked_contact(contact: PartnerContact) -> tuple[PartnerContact, Faults]:
    """As it is kept, and what is wrong with it."""
    faults: Faults = {}
    try:
        validate_email(contact.email)
    except ValidationError:
        faults["email"] = [_("This is not an e-mail address.")]
    if contact.language not in {code for code, row in reference_data().languages.items() if row.is_interface}:
        faults["language"] = [_("Please choose one of these.")]
    phones = {name: cleaned(name, getattr(contact, name), PHONE_LENGTH, faults) for name in ("phone", "duty_phone")}
    names = tuple(
        dict.fromkeys(
            name for one in contact.related_bodies if (name := cleaned("related_bodies", one, NAME_LENGTH, faults))
        )
    )
    if len(names) > MOST_RELATED:
        faults["related_bodies"] = [_("There are too many of them.")]
    return PartnerContact(contact.email.strip(), phones["phone"], phones["duty_phone"], contact.language, names), faults


def cleaned(name: str, text: str, limit: int, faults: dict[str, list[Any]]) -> str:
    """The text without what cannot be seen; "" with a fault under this name where it is too long."""
    try:
        return clean_text(text, limit=limit).strip()
    except TooLong:
        faults[name] = [str(_("This is too long. It can have {limit} characters.")).format(limit=limit)]
        return ""
