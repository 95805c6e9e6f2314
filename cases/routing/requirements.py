"""The hard requirements of domain.md §8, one function each: None, or the code of the reason for a "no". Pure.

What is not known about the person (age, gender) excludes nobody here; ranking prefers who takes them for certain. What
limits a partner's mandate (subcode, region) must be known to be met.
"""

from collections.abc import Callable
from datetime import datetime

from cases.deadlines import ROUND_THE_CLOCK
from cases.queries.agreements import AgreementTerms
from cases.routing.names import any_match
from cases.routing.snapshot import CaseFacts, PartnerFacts
from cases.workflow import EXCLUDING_DECLINES

Requirement = Callable[[CaseFacts, PartnerFacts, datetime], str | None]


def check(case: CaseFacts, partner: PartnerFacts, now: datetime) -> tuple[str, ...]:
    """Every reason why this case cannot be offered to this partner now; empty when it can."""
    return tuple(reason for requirement in REQUIREMENTS if (reason := requirement(case, partner, now)) is not None)


def agreement_relied_on(case: CaseFacts, partner: PartnerFacts) -> AgreementTerms | None:
    """The agreement in force that lacks least for this case; a tie goes to the older one."""
    if len(partner.agreements) < 2:
        return partner.agreements[0] if partner.agreements else None
    return min(partner.agreements, key=lambda terms: (_lacking(case, partner, terms), terms.version_id))


def memorandum_relied_on(case: CaseFacts, partner: PartnerFacts) -> AgreementTerms | None:
    """The memorandum where the chain needs it and it is in force."""
    return partner.memorandum if _needs_memorandum(case, partner, agreement_relied_on(case, partner)) else None


# --- the agreement chain (domain.md §7) -------------------------------------------------------------------------------
def no_valid_agreement(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    return None if partner.agreements else "no_valid_agreement"


def agreement_scope(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    links = _chain(case, partner, agreement_relied_on(case, partner))
    return None if all(link.covers(case.country, case.category) for link in links) else "agreement_scope"


def data_not_covered(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    """Whatever the person allows to be seen, the agreement must cover: a partner gets a case whole or not at all."""
    links = _chain(case, partner, agreement_relied_on(case, partner))
    return None if all(link.covers_data(case.consent.groups) for link in links) else "data_not_covered"


def memorandum_not_valid(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    needed = _needs_memorandum(case, partner, agreement_relied_on(case, partner))
    return "memorandum_not_valid" if needed and partner.memorandum is None else None


def cross_border_not_allowed(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    allowed = partner.side == case.side or case.consent.cross_border or partner.id in case.vital_partners
    return None if allowed else "cross_border_not_allowed"


# --- the partner ------------------------------------------------------------------------------------------------------
def partner_inactive(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    return None if partner.is_active else "partner_inactive"


def partner_paused(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    """The last day of the pause belongs to it, in the partner's own zone."""
    until = partner.paused_until
    return "partner_paused" if until is not None and now.astimezone(partner.calendar.zone).date() <= until else None


def no_service(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    service = partner.service
    if service is None or (service.subcodes and case.subcode not in service.subcodes):
        return "no_service"
    return None


def no_age_or_gender(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    service = partner.service
    if service is None:
        return None
    fits_age = not (case.age_band and service.age_bands) or case.age_band in service.age_bands
    fits_gender = not (case.gender and service.genders) or case.gender in service.genders
    return None if fits_age and fits_gender else "no_age_or_gender"


def no_child_safeguarding(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    unsafe = case.involves_child and partner.service is not None and not partner.service.child_safeguarding
    return "no_child_safeguarding" if unsafe else None


def out_of_area(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    covered = any(area.covers(case.country, case.region) for area in partner.areas)
    return None if covered else "out_of_area"


def no_common_language(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    shared = case.language in partner.languages or case.language in partner.interpreter_languages
    return None if shared else "no_common_language"


def no_free_capacity(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    return None if partner.load < partner.capacity else "no_free_capacity"


def closed_before_deadline(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    """U3–U4 only. Who is closed in an urgent case is ranked last instead."""
    opens_in_time = partner.opens_at is not None and partner.opens_at <= case.answer_due_by
    return None if opens_in_time or case.urgency in ROUND_THE_CLOCK else "closed_before_deadline"


def conflict_of_interest(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    """The alleged actor is the partner itself or a body that it has declared to be close to."""
    if not case.actor_names:
        return None
    close = any_match(case.actor_names, (*partner.related_names, *partner.names))
    return "conflict_of_interest" if close else None


# --- the person -------------------------------------------------------------------------------------------------------
def excluded_by_reporter(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    excluded = partner.body_id in case.excluded_bodies or any_match(case.excluded_names, partner.names)
    return "excluded_by_reporter" if excluded else None


def no_consent(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    """*Ask me first* allows the offer: it holds nothing personal, and the person is asked when it is accepted."""
    return None if case.allows_offer_to(partner.id, partner.body_id) else "no_consent"


def asked_this_round(case: CaseFacts, partner: PartnerFacts, now: datetime) -> str | None:
    asked = any(
        past.round == case.round or past.reason in EXCLUDING_DECLINES
        for past in case.past
        if past.partner_id == partner.id
    )
    return "asked_this_round" if asked else None


REQUIREMENTS: tuple[Requirement, ...] = (
    no_valid_agreement,
    agreement_scope,
    data_not_covered,
    memorandum_not_valid,
    cross_border_not_allowed,
    partner_inactive,
    partner_paused,
    no_service,
    no_age_or_gender,
    no_child_safeguarding,
    out_of_area,
    no_common_language,
    no_free_capacity,
    closed_before_deadline,
    conflict_of_interest,
    excluded_by_reporter,
    no_consent,
    asked_this_round,
)
REASONS = tuple(requirement.__name__ for requirement in REQUIREMENTS)
AGREEMENT_REASONS = frozenset({"no_valid_agreement", "agreement_scope", "data_not_covered", "memorandum_not_valid"})


def _needs_memorandum(case: CaseFacts, partner: PartnerFacts, terms: AgreementTerms | None) -> bool:
    return partner.side != case.side or (terms is not None and terms.under_memorandum)


def _chain(case: CaseFacts, partner: PartnerFacts, terms: AgreementTerms | None) -> tuple[AgreementTerms, ...]:
    """The links that exist; a missing one has a reason of its own."""
    memorandum = partner.memorandum if _needs_memorandum(case, partner, terms) else None
    return tuple(link for link in (terms, memorandum) if link is not None)


def _lacking(case: CaseFacts, partner: PartnerFacts, terms: AgreementTerms) -> int:
    chain = _chain(case, partner, terms)
    return (
        (not all(link.covers(case.country, case.category) for link in chain))
        + (not all(link.covers_data(case.consent.groups) for link in chain))
        + (partner.memorandum is None and _needs_memorandum(case, partner, terms))
    )
