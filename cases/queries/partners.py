"""What the database knows of partners at one moment, in bulk. Plain rows for routing; nothing is judged here."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from cases.models import PartnerOrganisation, Referral, Service, ServiceArea
from cases.workflow import LOAD, ReferralState

RECORD_LENGTH = 50  # newest answers that count
_BOTH = 1000  # more than RECORD_LENGTH
_TOOK_IT = frozenset(
    {
        ReferralState.ACCEPTED,
        ReferralState.CONTACTED,
        ReferralState.IN_SERVICE,
        ReferralState.COMPLETED,
        ReferralState.RETURNED,
        ReferralState.TRANSFERRED,
    }
)
_ANSWERED = _TOOK_IT | {ReferralState.DECLINED, ReferralState.EXPIRED}  # silence is an answer too


class Offering(NamedTuple):
    """A partner and its service for one category, as stored."""

    id: UUID
    body_id: UUID
    labels: Mapping[str, str]
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
    subcodes: list[str]
    age_bands: list[str]
    genders: list[str]
    child_safeguarding: bool
    is_specialised: bool
    by_interpreter: bool | None  # the language asked for: own (False), through an interpreter (True), not at all (None)


class Area(NamedTuple):
    partner_id: UUID
    region: str | None
    is_remote: bool


class Answers(NamedTuple):
    accepted: int
    asked: int


def offerings(
    category: str,
    *,
    country: str,
    region: str | None,
    language: str,
    is_practice: bool,
    only: Collection[UUID] | None = None,
) -> list[Offering]:
    """Partners with a service for the category that work in the region, active or not. `only`: these, wherever."""
    rows = Service.objects.filter(category=category, partner__is_practice=is_practice)
    if only is None:
        rows = rows.filter(Exists(_covering(country, region).filter(partner=OuterRef("partner"))))
    else:
        rows = rows.filter(partner__in=only)
    rows = rows.annotate(
        spoken=FilteredRelation("partner__languages", condition=Q(partner__languages__language=language))
    )
    return [
        Offering(*row)
        for row in rows.order_by("partner").values_list(
            "partner",
            "partner__body",
            "partner__body__labels",
            "partner__side",
            "partner__country",
            "partner__is_active",
            "partner__paused_until",
            "partner__timezone",
            "partner__around_the_clock",
            "partner__working_hours",
            "partner__closed_days",
            "partner__related_bodies",
            "partner__capacity",
            "subcodes",
            "age_bands",
            "genders",
            "child_safeguarding",
            "is_specialised",
            "spoken__by_interpreter",
        )
    ]


def who_offers(category: str, *, is_practice: bool) -> list[tuple[UUID, bool]]:
    """Every partner, and whether it has a service for the category: for those of which nothing else need be read."""
    offers = Exists(Service.objects.filter(category=category, partner=OuterRef("pk")))
    rows = PartnerOrganisation.objects.filter(is_practice=is_practice).annotate(offers=offers)
    return list(rows.order_by().values_list("pk", "offers"))


def areas(country: str, region: str | None, partner_ids: Collection[UUID]) -> dict[UUID, list[Area]]:
    """Those of their areas that cover the region."""
    found: dict[UUID, list[Area]] = defaultdict(list)
    rows = _covering(country, region).filter(partner__in=partner_ids)
    for row in rows.order_by().values_list("partner", "region", "is_remote"):
        found[row[0]].append(Area(*row))
    return found


def loads(partner_ids: Collection[UUID]) -> dict[UUID, int]:
    """Open offers and cases in hand (domain.md §8): what fills a partner's capacity."""
    rows = Referral.objects.filter(partner__in=partner_ids, state__in=LOAD)
    return dict(rows.order_by().values_list("partner").annotate(number=Count("pk")))


def load_column() -> Subquery:
    """The same number as a column of partners. Each is counted by its index of states: joined, all that ended would be
    read with them, and grouped too."""
    held = Referral.objects.filter(partner=OuterRef("pk"), state__in=LOAD).order_by()
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(held.annotate(number=number).values("number"))


def answer_records(partner_ids: Collection[UUID]) -> dict[UUID, Answers]:
    """Of the newest 50 answers of each partner: how many it accepted. Does not grow with what is stored."""
    newest = Referral.objects.filter(partner=OuterRef(OuterRef("pk")), state__in=_ANSWERED).order_by("-updated_at")
    answers = Referral.objects.filter(pk__in=newest.values("pk")[:RECORD_LENGTH]).order_by().values("partner")
    # Both numbers in one: the rows are looked up once.
    counted = answers.annotate(number=Sum(Case(When(state__in=_TOOK_IT, then=_BOTH + 1), default=_BOTH)))
    rows = PartnerOrganisation.objects.filter(pk__in=partner_ids).annotate(
        number=Coalesce(Subquery(counted.values("number")), 0)
    )
    return {pk: Answers(number % _BOTH, number // _BOTH) for pk, number in rows.order_by().values_list("pk", "number")}


def _covering(country: str, region: str | None) -> QuerySet[ServiceArea]:
    """A person whose region is not known is covered by a whole country only."""
    return ServiceArea.objects.filter(Q(region__isnull=True) | Q(region=region), country=country)


def not_for_everybody(category: str) -> QuerySet[Service]:
    """Services for the category that are for one gender only."""
    return Service.objects.filter(category=category).exclude(genders=[])
