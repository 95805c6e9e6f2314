"""Every partner with all that it offers, in bulk: for looking at many cases, or at none, at one moment."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from cases.models import AgreementVersion, PartnerLanguage, PartnerOrganisation, Service, ServiceArea


class PartnerRow(NamedTuple):
    id: UUID
    body_id: UUID
    labels: Mapping[str, str]
    slug: str
    side: str
    country_id: str
    is_active: bool
    paused_until: date | None
    timezone: str
    around_the_clock: bool
    working_hours: list[tuple[int, str, str]]
    closed_days: list[tuple[str, str]]
    related_bodies: list[str]
    capacity: int


class ServiceRow(NamedTuple):
    partner_id: UUID
    category: str
    subcodes: list[str]
    age_bands: list[str]
    genders: list[str]
    child_safeguarding: bool
    is_specialised: bool


class AreaRow(NamedTuple):
    partner_id: UUID
    country: str
    region: str | None
    is_remote: bool


class LanguageRow(NamedTuple):
    partner_id: UUID
    language: str
    by_interpreter: bool


def every_partner() -> list[PartnerRow]:
    """Active or not, of both sides, ordered by id; practice partners apart."""
    rows = PartnerOrganisation.objects.filter(is_practice=False).order_by("pk")
    columns = ("pk", "body", "body__labels", "slug", "side", "country", *PartnerRow._fields[6:])
    return [PartnerRow(*row) for row in rows.values_list(*columns)]


def services_by_partner() -> dict[UUID, list[ServiceRow]]:
    found: dict[UUID, list[ServiceRow]] = defaultdict(list)
    columns = ("partner", "category", *ServiceRow._fields[2:])
    for row in Service.objects.filter(partner__is_practice=False).values_list(*columns):
        found[row[0]].append(ServiceRow(*row))
    return found


def areas_by_partner() -> dict[UUID, list[AreaRow]]:
    found: dict[UUID, list[AreaRow]] = defaultdict(list)
    rows = ServiceArea.objects.filter(partner__is_practice=False)
    for row in rows.values_list("partner", "country", "region", "is_remote"):
        found[row[0]].append(AreaRow(*row))
    return found


def languages_by_partner() -> dict[UUID, list[LanguageRow]]:
    found: dict[UUID, list[LanguageRow]] = defaultdict(list)
    rows = PartnerLanguage.objects.filter(partner__is_practice=False)
    for row in rows.values_list("partner", "language", "by_interpreter"):
        found[row[0]].append(LanguageRow(*row))
    return found


def agreements_of_versions() -> dict[UUID, str]:
    """The slug of the agreement of each version."""
    return dict(AgreementVersion.objects.order_by().values_list("pk", "agreement__slug"))
