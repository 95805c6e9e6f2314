"""Rows for routing tests: a small world in which everything fits unless a test says otherwise."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from cases.models import (
    Agreement,
    AgreementVersion,
    Case,
    ClockSetting,
    Holiday,
    PartnerLanguage,
    PartnerOrganisation,
    Referral,
    RoutingPolicy,
    Service,
    ServiceArea,
    TimingRule,
    User,
    WorkingHours,
)
from cases.queries.remembered import forget_reference
from intake.models import Body, Consent, Country, Language, ProblemCategory, Region, Report, ReportKey
from intake.references import new_id, new_reference

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Moscow, 12:00 in Baku
GROUPS = ["identity", "contact", "story", "documents", "family"]
OFFICE_HOURS = [[day, "09:00", "18:00"] for day in range(5)]


def make_reference() -> None:
    """DET in U1 and U2 is offered by the system, everything else is proposed to a caseworker."""
    forget_reference()
    Country.objects.bulk_create(
        [
            Country(code="AZ", is_stay=True, timezone="Asia/Baku"),
            Country(code="RU", is_stay=True, timezone="Europe/Moscow"),
        ]
    )
    Region.objects.bulk_create(
        Region(code=code, country_id=code[:2], timezone="Europe/Moscow")
        for code in ("RU-MOW", "RU-SPE", "RU-KAM", "AZ-BA")
    )
    Holiday.objects.create(country_id="RU", date=date(2026, 11, 4))
    Language.objects.bulk_create(Language(code=code) for code in ("az", "ru", "en", "lez"))
    ProblemCategory.objects.bulk_create(
        [
            ProblemCategory(code="DET", order=1, default_urgency=1),
            ProblemCategory(code="WRK", order=2, default_urgency=3),
            ProblemCategory(code="EDU", order=3, default_urgency=3),
        ]
    )
    clocks = {1: (1, 2, 4), 2: (4, 12, 24), 3: (24, 48, 72), 4: (72, 96, 168)}
    ClockSetting.objects.bulk_create(
        ClockSetting(urgency=urgency, triage_hours=triage, answer_hours=answer, contact_hours=contact)
        for urgency, (triage, answer, contact) in clocks.items()
    )
    TimingRule.objects.create(code="duty_minutes", steps=[15])
    TimingRule.objects.create(code="date_days", steps=[7, 3, 1])
    RoutingPolicy.objects.bulk_create(
        RoutingPolicy(category_id="DET", urgency=urgency, mode="automatic") for urgency in (1, 2)
    )
    RoutingPolicy.objects.create(category_id="WRK", urgency=3, mode="propose")
    WorkingHours.objects.bulk_create(
        WorkingHours(side=side, weekday=day, start=time(9), end=time(18), timezone=zone)
        for side, zone in (("AZ", "Asia/Baku"), ("RU", "Europe/Moscow"))
        for day in range(5)
    )


def make_staff(*roles: str, side: str = "AZ") -> User:
    number = User.objects.count()
    return User.objects.create(
        email=f"staff{number}@example.org", name=f"Staff {number}", side=side, roles=list(roles or ("caseworker",))
    )


def make_partner(
    name: str = "Partner",
    *,
    categories: Iterable[str] = ("DET", "WRK"),
    regions: Iterable[str | None] = ("RU-MOW",),
    languages: Iterable[str] = ("az", "ru"),
    interpreters: Iterable[str] = (),
    agreement: Mapping[str, Any] | None = MappingProxyType({}),
    service: dict[str, Any] | None = None,
    **columns: Any,
) -> PartnerOrganisation:
    """`agreement`: changes to its agreement and version; None: it has none."""
    slug = f"p{PartnerOrganisation.objects.count()}"
    body = Body.objects.create(kind="partner", labels={"en": name, "ru": name})
    defaults = {
        "side": "AZ",
        "country_id": "RU",
        "capacity": 5,
        "timezone": "Europe/Moscow",
        "working_hours": OFFICE_HOURS,
    }
    partner = PartnerOrganisation.objects.create(
        body=body, slug=slug, email=f"{slug}@example.org", **{**defaults, **columns}
    )
    Service.objects.bulk_create(
        Service(partner=partner, category_id=code, **{"child_safeguarding": True, **(service or {})})
        for code in categories
    )
    ServiceArea.objects.bulk_create(
        ServiceArea(partner=partner, country_id="RU", region_id=region) for region in regions
    )
    PartnerLanguage.objects.bulk_create(
        PartnerLanguage(partner=partner, language_id=code, by_interpreter=by)
        for codes, by in ((languages, False), (interpreters, True))
        for code in codes
    )
    if agreement is not None:
        make_agreement(partner, **agreement)
    return partner


def make_agreement(
    partner: PartnerOrganisation | None, *, under_memorandum: bool = False, side: str | None = None, **version: Any
) -> AgreementVersion:
    """`partner` None: a memorandum between the two bodies."""
    agreement = Agreement.objects.create(
        slug=f"a{Agreement.objects.count()}",
        kind=Agreement.Kind.PARTNER if partner else Agreement.Kind.MEMORANDUM,
        side=(side or partner.side) if partner else "",
        partner=partner,
        under_memorandum=under_memorandum,
    )
    return make_version(agreement, **version)


def make_version(agreement: Agreement, number: int = 1, **columns: Any) -> AgreementVersion:
    defaults = {
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 12, 31),
        "timezone": "Europe/Moscow",
        "data_groups": GROUPS,
    }
    return AgreementVersion.objects.create(agreement=agreement, number=number, **{**defaults, **columns})


def make_case(
    *,
    share: str = "any",
    cross_border: bool = False,
    groups: Iterable[str] = ("identity", "contact"),
    actor_name: str = "",
    must_not_see_text: str = "",
    must_not_see: Iterable[Body] = (),
    subject_unaware: bool = False,
    **columns: Any,
) -> Case:
    """A case that waits for routing, at once a U1 detention in Moscow told in Azerbaijani."""
    if columns.get("state") == "closed":  # as closing leaves it
        columns = {"outcome": "advice_given", "closed_at": NOW} | columns
    report_id, reference = new_id(), new_reference()
    row, key = ReportKey.make(report_id)
    row.save()
    category, urgency = columns.pop("category", "DET"), columns.pop("urgency", 1)
    report = Report(
        id=report_id,
        reference=reference,
        received_at=NOW,
        channel="web",
        language_id="az",
        country_id="RU",
        category_id=category,
        subject_unaware=subject_unaware,
    )
    report.seal(key, story="story", actor_name=actor_name, must_not_see_text=must_not_see_text).save()
    report.must_not_see.set(must_not_see)
    say(report, "share", share)
    say(report, "cross_border", "yes" if cross_border else "no")
    for group in groups:
        say(report, "group", "yes", data_group=group)
    defaults = {
        "side": "AZ",
        "state": "routing",
        "computed_urgency": urgency,
        "country_id": "RU",
        "region_id": "RU-MOW",
        "language_id": "az",
        "age_band": "25_39",
        "child": "no",
        "channel": "web",
        "share": share,
        "received_at": NOW,
        "triage_due_at": NOW + timedelta(hours=1),
        "routing_wanted_at": NOW,
        "updated_at": NOW,
    }
    return Case.objects.create(
        report=report, reference=reference, category_id=category, urgency=urgency, **{**defaults, **columns}
    )


def say(
    report: Report,
    question: str,
    answer: str,
    *,
    recipient: Body | None = None,
    data_group: str = "",
    at: datetime = NOW,
) -> None:
    Consent.objects.create(
        report=report,
        question=question,
        answer=answer,
        recipient=recipient,
        data_group=data_group,
        text_version=1,
        language="az",
        how="form",
        given_at=at,
    )


def make_referral(case: Case, partner: PartnerOrganisation, *, state: str, **columns: Any) -> Referral:
    """As an earlier offer left it."""
    version = AgreementVersion.objects.filter(agreement__partner=partner).first()
    defaults = {"round": case.round, "urgency": case.urgency, "category_id": case.category_id, "updated_at": NOW}
    return Referral.objects.create(
        case=case,
        partner=partner,
        state=state,
        agreement_version=version or make_agreement(partner, valid_until=date(2026, 1, 2)),
        offered_at=NOW,
        **{"answer_due_at": NOW + timedelta(hours=2), **defaults, **columns},
    )


def fill(partner: PartnerOrganisation, number: int) -> None:
    """Takes this many of the partner's places with other cases."""
    for _ in range(number):
        make_referral(make_case(state="accepted", routing_wanted_at=None), partner, state="accepted")


def partners_of(rows: Iterable[Referral]) -> list[UUID]:
    return [row.partner_id for row in rows]
