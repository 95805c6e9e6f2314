"""Reads the facts that routing decides on, and decides. Takes no lock and writes nothing."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Exists

from cases.deadlines import WorkingCalendar, due_at, next_opening
from cases.models import Case, PartnerOrganisation, Referral, VitalInterest
from cases.queries import partners as stored
from cases.queries.agreements import AgreementsInForce, agreements_in_force
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.partner_rows import PartnerRow
from cases.queries.partners import not_for_everybody
from cases.queries.remembered import Remembered
from cases.queries.routing_settings import routing_settings
from cases.queries.rules import rule_book
from cases.routing import names
from cases.routing.conflict import NAMED_ANEW, names_given
from cases.routing.prices import Price
from cases.routing.propose import Proposal, propose, shortlist, sift
from cases.routing.snapshot import AnswerRecord, AreaFacts, CaseFacts, PartnerFacts, PastReferral, ServiceFacts
from cases.routing.terms import TERMS, Terms, terms_of
from intake.models import Report, ReportKey
from intake.queries import consent_in_force
from intake.queries.words import gender_of

logger = logging.getLogger(__name__)
_NEVER_OPEN = WorkingCalendar(hours={}, zone=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class _Around:
    """What is looked up once for all partners."""

    agreements: AgreementsInForce
    areas: dict[UUID, list[stored.Area]]
    loads: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Hours:
    calendar: WorkingCalendar
    opens_at: datetime | None


def decide(case: Case, facts: CaseFacts, now: datetime, *, terms: Terms | None = None) -> Proposal:
    """Who could take the case now, best first, and why not each other partner. Six statements, for any number.

    `terms`: as if these were in force, for a dry run.
    """
    terms = terms_in_force() if terms is None else terms
    partners = partner_facts(case, facts, now)
    sifted = sift(facts, partners, stored.who_offers(facts.category, is_practice=case.is_practice), now)
    best = shortlist(facts, sifted, now, terms)
    return propose(facts, sifted, now, records=_records(best), terms=terms)


def case_facts(case: Case, now: datetime, *, is_trial: bool = False) -> CaseFacts:
    """Raises ReportErased when the report's key is gone: then nothing may be offered any more.

    The gender is opened only where some service for the category is not for everybody, and never for a trial: whoever
    tries a service for women would learn from the cases that move who is one.
    """
    columns = ("subject_unaware", "withdrawn_at", "erased_at", "actor_name", "must_not_see_text")
    needs_gender = Exists(not_for_everybody(case.category_id))
    reports = Report.objects.only(*columns).annotate(is_named_anew=NAMED_ANEW, needs_gender=needs_gender)
    report = reports.get(pk=case.report_id)
    actors, must_not_see = names_given(report, is_named_anew=report.is_named_anew)
    return CaseFacts(
        side=case.side,
        category=case.category_id,
        subcode=case.subcode,
        urgency=case.urgency,
        country=case.country_id,
        region=case.region_id,
        language=case.language_id,
        age_band=case.age_band,
        child=case.child,
        consent=consent_in_force(case.report_id),
        answer_due_by=_answer_due_by(case, now),
        waiting_since=case.received_at,
        round=case.round,
        gender=_gender(report) if report.needs_gender and not is_trial else None,
        subject_unaware=report.subject_unaware,
        is_withdrawn=report.withdrawn_at is not None or report.erased_at is not None,
        past=_past(case),
        excluded_bodies=frozenset(report.must_not_see.values_list("pk", flat=True)),
        excluded_names=must_not_see,
        actor_names=actors,
        vital_partners=frozenset(
            VitalInterest.objects.in_force().filter(case=case).values_list("partner_id", flat=True)
        ),
    )


def _gender(report: Report) -> str | None:
    return gender_of(report, ReportKey.of(report.pk)) or None if report.erased_at is None else None


def partner_facts(
    case: Case, facts: CaseFacts, now: datetime, *, only: Collection[UUID] | None = None
) -> list[PartnerFacts]:
    """The partners with a service for the category that work in the region (`only`: these, wherever), ordered by id."""
    rows = stored.offerings(
        facts.category,
        country=facts.country,
        region=facts.region,
        language=facts.language,
        is_practice=case.is_practice,
        only=only,
    )
    ids = [row.id for row in rows]
    around = _Around(
        agreements=agreements_in_force(ids, now),
        areas=stored.areas(facts.country, facts.region, ids),
        loads=stored.loads(ids),
    )
    hours: dict[object, Hours] = {}  # many partners keep the same
    return [_partner(row, facts, around, hours_of(row, hours, now)) for row in rows]


def _terms_stored() -> Terms:
    """Settings that cannot be used must stop no case: then the starting values hold, without prices."""
    found = routing_settings()
    if found is None:
        return TERMS
    try:
        return terms_of(found.definition, prices_of(found.prices, found.surges), found.version)
    except (TypeError, ValueError, AttributeError):
        logger.error("routing settings %s cannot be used", found.version)
        return TERMS


def prices_of(prices: Mapping[str, Sequence[float]], surges: Mapping[str, float]) -> dict[UUID, Price]:
    """As stored in a price list. Raises ValueError or TypeError when it cannot be read."""
    return {
        UUID(one): Price(tuple(float(price) for price in prices.get(one, ())), float(surges.get(one, 0.0)))
        for one in sorted({*prices, *surges})
    }


terms_in_force = Remembered(_terms_stored)  # made of the settings and the price list


def _partner(row: stored.Offering, facts: CaseFacts, around: _Around, hours: Hours) -> PartnerFacts:
    spoken = frozenset({facts.language})
    return PartnerFacts(
        id=row.id,
        body_id=row.body_id,
        side=row.side,
        is_active=row.is_active,
        paused_until=row.paused_until,
        calendar=hours.calendar,
        opens_at=hours.opens_at,
        service=ServiceFacts(
            subcodes=frozenset(row.subcodes),
            age_bands=frozenset(row.age_bands),
            genders=frozenset(row.genders),
            child_safeguarding=row.child_safeguarding,
            is_specialised=row.is_specialised,
        ),
        areas=tuple(AreaFacts(facts.country, area.region, area.is_remote) for area in around.areas.get(row.id, ())),
        languages=spoken if row.by_interpreter is False else frozenset(),
        interpreter_languages=spoken if row.by_interpreter is True else frozenset(),
        capacity=row.capacity,
        load=around.loads.get(row.id, 0),
        agreements=around.agreements.by_partner.get(row.id, ()),
        memorandum=around.agreements.memorandum,
        names=tuple(names.declared(label) for label in row.labels.values() if label),
        related_names=tuple(names.declared(name) for name in row.related_bodies if name),
    )


def hours_of(
    row: stored.Offering | PartnerRow | PartnerOrganisation, known: dict[object, Hours], now: datetime
) -> Hours:
    """`known` is filled: partners that keep the same hours share one calendar."""
    own = (row.around_the_clock, str(row.working_hours), str(row.closed_days))
    week = (row.side, row.country_id, row.timezone, *own)
    if week not in known:
        calendar = _calendar(row)
        known[week] = Hours(calendar, next_opening(calendar, now))
    return known[week]


def _calendar(row: stored.Offering | PartnerRow | PartnerOrganisation) -> WorkingCalendar:
    """One partner whose hours or zone cannot be read counts as never open, and stops nobody's case."""
    try:
        return partner_calendar(cast(PartnerOrganisation, row))  # the row has every column that it is made from
    except (TypeError, ValueError, ZoneInfoNotFoundError):
        logger.error("working hours or time zone of partner %s cannot be read", row.id)
        return _NEVER_OPEN


def _answer_due_by(case: Case, now: datetime) -> datetime:
    """The end of the day on which the answer clock ends by the hours of the responsible side.

    Not the plain end of the clock: an ordinary case of a Friday evening would find every office closed until after it.
    """
    calendar = side_calendar(case.side)
    due = due_at(now, rule_book().clocks[case.urgency].answer, case.urgency, calendar)
    next_day = due.astimezone(calendar.zone).date() + timedelta(days=1)
    return datetime.combine(next_day, time.min, tzinfo=calendar.zone)


def _past(case: Case) -> tuple[PastReferral, ...]:
    rows = Referral.objects.filter(case=case).values_list("partner", "round", "decline_reason", "return_reason")
    return tuple(PastReferral(partner, round_, declined or returned) for partner, round_, declined, returned in rows)


def _records(partner_ids: Collection[UUID]) -> dict[UUID, AnswerRecord]:
    found = stored.answer_records(partner_ids)
    return {partner_id: AnswerRecord(*answers) for partner_id, answers in found.items()}
