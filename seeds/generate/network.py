"""The invented partners and staff that generated cases belong to. Families of ten are alike: twins can stand in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from cases.models import (
    Agreement,
    AgreementVersion,
    DutyShift,
    PartnerLanguage,
    PartnerOrganisation,
    Service,
    ServiceArea,
    User,
    WebhookEndpoint,
)
from cases.models.user import Role
from intake.models import Body, ProblemCategory
from intake.vocabulary import BodyKind, DataGroup, Side

OF_A_SIDE = 5  # partners of each side in a family
FAMILY = OF_A_SIDE * len(Side.values)
SPOKEN = ("az", "ru", "en")
STAYS = {Side.AZ: "RU", Side.RU: "AZ"}  # where the people are whom the partners of a side help
ZONES = {"AZ": "Asia/Baku", "RU": "Europe/Moscow"}
_SECRET = "whsec_" + "generated"  # signs nothing: nobody is at example.org
_OFFICE = [[day, "09:00", "18:00"] for day in range(5)]
_ROLES = {Role.CASEWORKER: 8, Role.SUPERVISOR: 2, Role.PARTNER_COORDINATOR: 1}


@dataclass(frozen=True, slots=True)
class Member:
    """Ids of one partner and of what belongs to it. `endpoint`: its webhook, which two of five have."""

    id: str
    body: str
    version: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Network:
    """`families`: by side, the members in their order; `staff`: by side and role."""

    families: Sequence[dict[str, list[Member]]]
    staff: dict[str, dict[str, list[str]]]


def make_network(*, partners: int, now: datetime, prefix: str = "generated") -> Network:
    """Makes what is not there yet. `partners`: in all; whole families of ten are cast in, the rest stand idle."""
    _make_partners(partners, now, prefix)
    for side in Side.values:
        _make_staff(side, now, prefix)
    return Network(_families(partners, prefix), {side: _staff(side, prefix) for side in Side.values})


def _slug(prefix: str, number: int) -> str:
    return f"{prefix}-{number:05d}"


def _side(number: int) -> Side:
    return Side.AZ if number % FAMILY < OF_A_SIDE else Side.RU


def _make_partners(count: int, now: datetime, prefix: str) -> None:
    known = set(PartnerOrganisation.objects.filter(slug__startswith=f"{prefix}-").values_list("slug", flat=True))
    numbers = [number for number in range(count) if _slug(prefix, number) not in known]
    bodies = [Body(kind=BodyKind.PARTNER, country_id=STAYS[_side(number)], labels=_names(number)) for number in numbers]
    rows = [_partner(number, body, now, prefix) for number, body in zip(numbers, bodies, strict=True)]
    Body.objects.bulk_create(bodies, batch_size=500)
    PartnerOrganisation.objects.bulk_create(rows, batch_size=500)
    _make_offers(rows, numbers)
    agreements = [Agreement(slug=row.slug, kind="partner", side=row.side, partner=row, is_demo=True) for row in rows]
    Agreement.objects.bulk_create(agreements, batch_size=500)
    AgreementVersion.objects.bulk_create((_version(agreement, now) for agreement in agreements), batch_size=500)
    WebhookEndpoint.objects.bulk_create(
        (
            WebhookEndpoint(partner=row, url=f"https://hooks.example.org/{row.slug}", secret=_SECRET, created_at=now)
            for row, number in zip(rows, numbers, strict=True)
            if number % OF_A_SIDE < 2
        ),
        batch_size=500,
    )


def _names(number: int) -> dict[str, str]:
    return {
        "az": f"Uydurma təşkilat {number} (nümunə)",
        "ru": f"Вымышленная организация {number} (демо)",
        "en": f"Invented organisation {number} (demo)",
    }


def _partner(number: int, body: Body, now: datetime, prefix: str) -> PartnerOrganisation:
    side, member = _side(number), number % OF_A_SIDE
    return PartnerOrganisation(
        body=body,
        slug=_slug(prefix, number),
        side=side,
        country_id=STAYS[side],
        email=f"{_slug(prefix, number)}@example.org",
        language=("az" if side == Side.AZ else "ru") if member else "en",
        capacity=1000,
        timezone=ZONES[STAYS[side]],
        around_the_clock=member < 2,
        working_hours=[] if member < 2 else _OFFICE,
        is_demo=True,
    )


def _make_offers(rows: Sequence[PartnerOrganisation], numbers: Sequence[int]) -> None:
    """Every kind of problem in the whole country: members differ in what they are specialised in, hours and hooks."""
    codes = list(ProblemCategory.objects.order_by("order").values_list("code", flat=True))
    together = list(zip(rows, numbers, strict=True))
    Service.objects.bulk_create(
        (
            Service(partner=row, category_id=code, child_safeguarding=True, is_specialised=number % OF_A_SIDE == 1)
            for row, number in together
            for code in codes
        ),
        batch_size=500,
    )
    ServiceArea.objects.bulk_create((ServiceArea(partner=row, country_id=row.country_id) for row in rows), 500)
    PartnerLanguage.objects.bulk_create(
        (PartnerLanguage(partner=row, language_id=code) for row in rows for code in SPOKEN), batch_size=500
    )


def _version(agreement: Agreement, now: datetime) -> AgreementVersion:
    return AgreementVersion(
        agreement=agreement,
        number=1,
        labels={"az": "Razılaşma (nümunə)", "ru": "Соглашение (демо)", "en": "Agreement (demo)"},
        valid_from=(now - timedelta(days=3650)).date(),
        valid_until=(now + timedelta(days=730)).date(),
        timezone=ZONES[STAYS[Side(agreement.side)]],
        data_groups=list(DataGroup.values),
    )


def _make_staff(side: str, now: datetime, prefix: str) -> None:
    """Accounts without a password, as the demo's; and a rota where the side has none."""
    wanted = {_address(prefix, role, side, number): role for role, most in _ROLES.items() for number in range(most)}
    known = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    people = [
        User(
            email=email,
            name=f"Invented {role.replace('_', ' ')} (demo)",
            side=side,
            roles=[role],
            language="az" if side == Side.AZ else "ru",
            languages_read=list(SPOKEN),
            timezone=ZONES[side],
            is_demo=True,
            password=UNUSABLE_PASSWORD_PREFIX,
        )
        for email, role in wanted.items()
        if email not in known
    ]
    User.objects.bulk_create(people)
    if not DutyShift.objects.filter(side=side, starts_at__lte=now, ends_at__gt=now).exists():
        first = User.objects.get(email=_address(prefix, Role.CASEWORKER, side, 0))
        starts = now - timedelta(days=90)
        DutyShift.objects.create(side=side, user=first, starts_at=starts, ends_at=now + timedelta(days=21))


def _address(prefix: str, role: str, side: str, number: int) -> str:
    return f"{prefix}.{role}.{side.lower()}.{number}@example.org"


def _families(partners: int, prefix: str) -> list[dict[str, list[Member]]]:
    rows = PartnerOrganisation.objects.filter(slug__startswith=f"{prefix}-", agreements__versions__number=1)
    columns = ("pk", "body_id", "agreements__versions__pk", "webhooks__pk")
    members = {row[0]: Member(*(str(pk or "") for pk in row)) for row in rows.order_by("slug").values_list(*columns)}
    found = list(members.values())[:partners]
    whole = range(0, len(found) - FAMILY + 1, FAMILY)
    return [
        {Side.AZ: found[start : start + OF_A_SIDE], Side.RU: found[start + OF_A_SIDE : start + FAMILY]}
        for start in whole
    ]


def _staff(side: str, prefix: str) -> dict[str, list[str]]:
    rows = User.objects.filter(email__startswith=f"{prefix}.", side=side)
    ids = {email: str(pk) for email, pk in rows.values_list("email", "pk")}
    return {
        role: [ids[_address(prefix, role, side, number)] for number in range(most)] for role, most in _ROLES.items()
    }
