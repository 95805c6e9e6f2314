"""Partners that keep a case after consent changed: told to fetch anew, or the person is asked about them by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from cases.actions.case_row import move, set_due
from cases.actions.hand_over import hand_over_step
from cases.actions.pause_clocks import pause_clocks_step, resume_clocks_step
from cases.actions.record import SYSTEM, Event, record_changes
from cases.deadlines import due_at, in_working_time, paused
from cases.models import Case, Referral, VitalInterest
from cases.queries.calendars import partner_calendar
from cases.queries.rules import rule_book
from cases.workflow import ASSIGNED, CaseState
from intake.actions.change_consent import ask_consent, close_consent_requests
from intake.models import ConsentRequest
from intake.queries import ConsentInForce, open_consent_requests
from intake.vocabulary import ConsentAnswer


@dataclass(frozen=True, slots=True)
class Kept:
    """`told`: partners that have to hear of it. `organisation_id`: the body that helps, where one may see the data."""

    told: Sequence[Referral] = ()
    events: Sequence[Event] = ()
    is_asked: bool = False
    organisation_id: UUID | None = None


@dataclass(slots=True)
class _Sorted:
    going_on: list[Referral] = field(default_factory=list)
    resumed: list[Referral] = field(default_factory=list)
    to_ask: list[Referral] = field(default_factory=list)


def keeping_partners_step(case: Case, consent: ConsentInForce, now: datetime) -> Kept:
    """Feed: referral.consent_changed. The caller holds the case's lock, saves it, and writes the rest."""
    open_ones = Referral.objects.filter(case=case, state__in=ASSIGNED).select_related("partner").order_by("pk")
    referrals = list(open_ones.defer("partner__phone"))
    if not referrals:
        return Kept()
    requests = {request.body_id: request for request in open_consent_requests(case.report_id)}
    found = _sorted(case, consent, referrals, requests)
    events = _resume(case, found.resumed, requests, now)
    events += [event for referral in found.to_ask for event in _ask(case, referral, now)]
    told = [*found.going_on, *found.resumed, *found.to_ask]
    record_changes(told, "referral.consent_changed", now=now)
    helping = [*found.going_on, *found.resumed]
    return Kept(told, events, bool(found.to_ask), helping[0].partner.body_id if helping else None)


def contact_due_after(referral: Referral, asked_at: datetime, now: datetime) -> datetime:
    """The clock stood still while the person was being asked (domain.md §2)."""
    calendar = partner_calendar(referral.partner)
    if referral.contact_due_at is None:
        return due_at(now, rule_book().clocks[referral.urgency].contact, referral.urgency, calendar)
    return in_working_time(paused(referral.contact_due_at, asked_at, now), urgency=referral.urgency, calendar=calendar)


def _sorted(
    case: Case, consent: ConsentInForce, referrals: Sequence[Referral], requests: dict[UUID, ConsentRequest]
) -> _Sorted:
    """Who has it for vital interest goes on with that, and the person is not asked about them."""
    found = _Sorted()
    vital = set(VitalInterest.objects.in_force().filter(case=case).values_list("partner", flat=True))
    for referral in referrals:
        referral.case = case
        body = referral.partner.body_id
        if consent.allows_disclosure_to(body):
            (found.resumed if body in requests else found.going_on).append(referral)
        elif consent.share == ConsentAnswer.ASK_FIRST and body not in requests and referral.partner_id not in vital:
            found.to_ask.append(referral)
    return found


def _resume(
    case: Case, referrals: Sequence[Referral], requests: dict[UUID, ConsentRequest], now: datetime
) -> list[Event]:
    """A general yes answers the open question about this partner; one that takes over has the case from now on."""
    events: list[Event] = []
    for referral in referrals:
        request = requests[referral.partner.body_id]
        close_consent_requests(report_id=case.report_id, body_id=request.body_id, now=now)
        referral.contact_due_at = contact_due_after(referral, request.asked_at, now)
        referral.updated_at = now
        referral.save(update_fields=["contact_due_at", "updated_at"])
        events += hand_over_step(referral, now) if referral.takes_over_from_id else ()
        if case.state == CaseState.WAITING_FOR_REPORTER:
            resume_clocks_step(case, now, because="consent")
            move(case, CaseState.ACCEPTED)
            set_due(case, (referral.contact_due_at, "contact"))
    return events


def _ask(case: Case, referral: Referral, now: datetime) -> list[Event]:
    """The contact clock stands still until the answer."""
    ask_consent(report_id=case.report_id, body_id=referral.partner.body_id, now=now)
    asked = Event("consent_asked", {"referral": referral.pk, "partner": referral.partner_id}, by=SYSTEM)
    if case.state != CaseState.ACCEPTED:
        return [asked]
    return [asked, replace(pause_clocks_step(case, now=now), by=SYSTEM)]
