"""A new partner organisation: entered by a coordinator of its side, asked nothing until its sheet is filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from cases.actions.authorise import authorise
from cases.actions.edit_partner import NAME_LENGTH, PartnerContact, checked_contact, cleaned
from cases.actions.once import in_transaction
from cases.actions.partner_row import keep_edit
from cases.actions.record import Actor
from cases.models import PartnerOrganisation
from intake.errors import InvalidInput
from intake.matching import normal_name
from intake.models import Body, Country
from intake.queries import forget_reference_data, reference_data
from intake.vocabulary import BodyKind

ADDRESSES = frozenset({"new", "add", "coverage", "try", "agreements"})  # pages beside those of the partners
_SLUG_LENGTH = 50

Faults = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class NewPartner:
    """`names`: one for each language of the pages. `country`: where it works from. `language`: of mails to it."""

    names: Mapping[str, str]
    country: str
    email: str
    language: str


def add_partner(*, new: NewPartner, by: Actor, now: datetime) -> PartnerOrganisation:
    """Not active and with no places: what it does and where is its sheet (edit_partner.py), what it may, an agreement.

    Raises NotAllowed, and InvalidInput at the field (also where the side has a partner of this name, however spelled).
    """
    return in_transaction(lambda: _add_step(new, by, now))


def _add_step(new: NewPartner, by: Actor, now: datetime) -> PartnerOrganisation:
    user = authorise(by, "edit_partners")
    names, contact = _checked(new)
    # Two who add the same one come one after the other.
    country = Country.objects.select_for_update(no_key=True).get(pk=new.country)
    if known := _same_name(names, user.side):
        raise InvalidInput(fields={f"name_{code}": [_("There is a partner with this name already.")] for code in known})
    body = Body.objects.create(labels=names, kind=BodyKind.PARTNER, country=country, is_active=False)
    partner = PartnerOrganisation(
        body=body,
        slug=_free_slug(names),
        side=user.side,
        country=country,
        email=contact.email,
        language=contact.language,
        timezone=country.timezone or settings.TIME_ZONE,
        is_active=False,
        is_demo=user.is_demo,
        version=0,
    )
    partner.save(force_insert=True)
    keep_edit(partner, user, "added", [], now)
    forget_reference_data()
    return partner


def _checked(new: NewPartner) -> tuple[dict[str, str], PartnerContact]:
    contact, faults = checked_contact(PartnerContact(new.email, "", "", new.language, ()))
    found: Faults = {name: list(messages) for name, messages in faults.items()}
    names = {}
    for code, _name in settings.LANGUAGES:
        field = f"name_{code}"
        names[code] = " ".join(cleaned(field, new.names.get(code, ""), NAME_LENGTH, found).split())
        if not normal_name(names[code]) and field not in found:  # not a letter in it
            found[field] = [_("Please write something.")]
    if new.country not in reference_data().countries:
        found["country"] = [_("Please choose one of these.")]
    if found:
        raise InvalidInput(fields=found)
    return names, contact


def _same_name(names: Mapping[str, str], side: str) -> list[str]:
    """The languages whose name a partner of this side has, in any language, script or order of words."""
    ours = PartnerOrganisation.objects.filter(side=side, is_practice=False).select_related("body").defer("phone")
    known = {normal_name(name) for partner in ours for name in partner.body.labels.values()}
    return [code for code, name in names.items() if normal_name(name) in known]


def _free_slug(names: Mapping[str, str]) -> str:
    base = slugify(names["en"])[:_SLUG_LENGTH].strip("-") or "partner"
    for slug in _slugs(base):
        if slug not in ADDRESSES and not PartnerOrganisation.objects.filter(slug=slug).exists():
            return slug
    raise AssertionError("there is always another number")


def _slugs(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}-{number}" for number in count(2))
