"""Demo partners of both sides: services, areas, languages, agreements, API clients and webhooks."""

import base64
from datetime import datetime
from typing import Any

from django.conf import settings
from oauth2_provider.models import AbstractApplication

from cases.models import (
    Agreement,
    AgreementVersion,
    PartnerClient,
    PartnerLanguage,
    PartnerOrganisation,
    Service,
    ServiceArea,
    WebhookEndpoint,
)
from intake.encryption import keyed_hash
from intake.models import Body
from intake.vocabulary import BodyKind

from .source import SHOWCASE_PARTNER, day, read

SCOPES = [
    "referrals:read",
    "referrals:answer",
    "cases:read",
    "cases:write",
    "webhooks:manage",
    "partner:manage",
    "reports:create",
]
CLIENT_ID = "demo-partner"


def make_partners(*, now: datetime) -> None:
    for row in read("partners"):
        _make_partner(row)
    partners = {partner.slug: partner for partner in PartnerOrganisation.objects.all()}
    for row in read("agreements"):
        _make_agreement(row, partner=partners.get(row["partner"] or ""), now=now)
    _connect(partners[SHOWCASE_PARTNER], now=now)


def demo_secret(purpose: str) -> str:
    """The same on every start of this installation, different in every other one."""
    return keyed_hash(purpose, purpose="demo-secret").hex()


def demo_webhook_secret() -> str:
    return "whsec_" + base64.b64encode(keyed_hash("webhook", purpose="demo-secret")).decode()


def _make_partner(row: dict[str, Any]) -> None:
    body = Body.objects.create(labels=row["name"], kind=BodyKind.PARTNER, country_id=row["country"])
    partner = PartnerOrganisation.objects.create(
        body=body,
        slug=row["slug"],
        side=row["side"],
        country_id=row["country"],
        email=row["email"],
        language=row.get("language", "en"),
        capacity=row["capacity"],
        timezone=row["timezone"],
        around_the_clock=row["around_the_clock"],
        working_hours=row["working_hours"],
        related_bodies=row["related_bodies"],
        is_demo=True,
    )
    services: dict[str, Service] = {}
    for entry in sorted(row["services"], key=lambda entry: entry["specialised"]):
        for category in entry["categories"]:
            services[category] = Service(
                partner=partner,
                category_id=category,
                age_bands=entry["age_bands"],
                genders=entry["genders"],
                child_safeguarding=entry["child_safeguarding"],
                is_specialised=entry["specialised"],
            )
    Service.objects.bulk_create(services.values())
    _make_areas(partner, row)


def _make_areas(partner: PartnerOrganisation, row: dict[str, Any]) -> None:
    areas = [
        ServiceArea(partner=partner, country_id=area["country"], region_id=region, is_remote=area["remote"])
        for area in row["areas"]
        for region in (area["regions"] or [None])
    ]
    ServiceArea.objects.bulk_create(areas)
    spoken = [PartnerLanguage(partner=partner, language_id=code) for code in row["languages"]]
    interpreted = [
        PartnerLanguage(partner=partner, language_id=code, by_interpreter=True)
        for code in row["interpreter_languages"]
        if code not in row["languages"]
    ]
    PartnerLanguage.objects.bulk_create(spoken + interpreted)


def _make_agreement(row: dict[str, Any], *, partner: PartnerOrganisation | None, now: datetime) -> None:
    agreement = Agreement.objects.create(
        slug=row["slug"],
        kind=row["kind"],
        side=row["side"],
        partner=partner,
        under_memorandum=row["under_memorandum"],
        is_demo=True,
    )
    AgreementVersion.objects.create(
        agreement=agreement,
        number=1,
        labels=row["title"],
        valid_from=day(row["valid_from"], now),
        valid_until=day(row["valid_until"], now),
        timezone=row["timezone"],
        countries=row["countries"],
        categories=row["categories"],
        data_groups=row["data_groups"],
        wind_down=row["wind_down"],
    )


def _connect(partner: PartnerOrganisation, *, now: datetime) -> None:
    PartnerClient.objects.create(
        partner=partner,
        name="Demo client",
        client_id=CLIENT_ID,
        client_secret=demo_secret("client"),
        client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
        scopes=SCOPES,
    )
    WebhookEndpoint.objects.create(
        partner=partner,
        url=f"http://127.0.0.1:{settings.DEMO_WEBHOOK_PORT}/",
        secret=demo_webhook_secret(),
        created_at=now,
    )
