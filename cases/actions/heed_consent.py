"""What follows when a person changes consent, answers the question about one partner, or takes the report back.

Steps of take_up: each is called with the case locked. Disclosure reads consent live and ended before any of this ran.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from cases.actions import notify
from cases.actions.case_row import move, set_due
from cases.actions.date_rows import forget_dates_step
from cases.actions.decide_closing import end_proposals_step
from cases.actions.hand_over import hand_over_step
from cases.actions.keep_partners import contact_due_after, keeping_partners_step
from cases.actions.leave_partner import give_on_step
from cases.actions.pause_clocks import resume_clocks_step
from cases.actions.record import REPORTER, SYSTEM, Actor, Event, record_changes, record_events
from cases.actions.referral_row import set_partner_clocks
from cases.actions.review import review_clock
from cases.actions.transfer_case import transfer_after_consent_step
from cases.actions.withdraw_referrals import ask_to_erase_step, withdraw_referrals_step, withdrawn_events
from cases.models import Case, OutboxMessage, PartnerOrganisation, Referral, VitalInterest
from cases.workflow import ASSIGNED, ENDED_CASES, LOAD, CaseState, WithdrawalReason, may_move_case
from intake.actions.change_consent import close_consent_requests
from intake.actions.publish_status import publish_status
from intake.models import ConsentRequest, Report
from intake.queries import ConsentInForce, consent_in_force
from intake.vocabulary import ConsentAnswer, ErasedBecause

# Where a case stands while partners are sought or have it: without consent it goes back to our own people.
_WITH_PARTNERS = frozenset(
    {CaseState.ROUTING, CaseState.OFFERED, CaseState.ACCEPTED, CaseState.UNROUTED, CaseState.WAITING_FOR_REPORTER}
)


def heed_consent_step(*, case: Case, now: datetime) -> None:
    """Follows the consent in force, narrower or wider than before.

    With "no": open referrals are withdrawn (consent_withdrawn), partners that had the case are told to erase, and the
    case goes back to triage, or to in_progress once triage is done. Without the other country, or after a no to one
    organisation: only those lose the case, which is routed again. Partners that keep it are told that what they may see
    has changed; with "ask me first" the person is asked about each of them by name, and with "yes" open questions are
    answered by it. Of a "no", and of a yes after one, our people hear. A transfer to the other side that waited for
    this is carried out. Timeline: consent_changed, referral_withdrawn, consent_asked. Feed: tombstones,
    referral.consent_changed. Outbox: partners, the responsible caseworker.
    """
    before, share_before, consent = case.state, case.share, consent_in_force(case.report_id)
    case.share = consent.share
    lost = _lost(case, consent)
    withdrawn: list[Referral] = []
    former: list[Referral] = []
    if lost is not None:
        withdrawn = withdraw_referrals_step(case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, only=lost)
        former = ask_to_erase_step(case, withdrawn, now=now, only=lost)
    if not consent.allows_offer:
        close_consent_requests(report_id=case.report_id, body_id=None, now=now)
        if not case.referrals.filter(state__in=LOAD).exists():
            _back_to_our_people(case, now)
    else:
        _route_again(case, withdrawn, now)
    kept = keeping_partners_step(case, consent, now)
    event = Event("consent_changed", {"share": consent.share, "cross_border": consent.cross_border})
    events = [event, *withdrawn_events(withdrawn), *kept.events]
    rows = _words_to_partners(withdrawn, former, now)
    _finish(case, before, events, rows, now, organisation_id=kept.organisation_id)
    more = notify.consent_changed(kept.told, now)
    is_other = consent.allows_offer == (share_before == ConsentAnswer.NONE)
    if is_other and (consent.allows_offer or case.state not in ENDED_CASES):
        more += notify.reporter_wrote(case, now)
    if kept.is_asked:
        more += notify.message_waiting(case, now)
    notify.write_outbox(more)
    transfer_after_consent_step(case=case, by=REPORTER, now=now)


def _lost(case: Case, consent: ConsentInForce) -> Q | None:
    """Whose referrals consent no longer covers; None: everybody may keep theirs."""
    if not consent.allows_offer:
        return _without_vital_interest(case)
    refused = [body for body, answer in consent.per_body.items() if answer == ConsentAnswer.NONE]
    lost = Q(partner__body__in=refused)
    if not consent.cross_border:
        lost |= ~Q(partner__side=F("case__side"))
    return lost & _without_vital_interest(case)


def heed_answer_step(*, case: Case, request_id: UUID, now: datetime) -> None:
    """The person was asked about one partner which had accepted.

    Yes: the case is `accepted`, the contact clock goes on, the partner is told that it may fetch the data. No: that
    referral is withdrawn (consent_withdrawn) and the case is routed again. Timeline: consent_changed. Feed, outbox: the
    partner. An answer about a partner that no longer has the case moves nothing.
    """
    request = ConsentRequest.objects.get(pk=request_id, report_id=case.report_id)
    event = Event("consent_changed", {"request": request.pk, "answer": request.answer})
    if request.answer == "yes":
        _let_partner_go_on(case, request, event, now)
        return
    before, its_own = case.state, Q(partner__body_id=request.body_id)
    withdrawn = withdraw_referrals_step(
        case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, states=ASSIGNED, only=its_own
    )
    _route_again(case, withdrawn, now)
    # Nothing was disclosed yet, so there is nothing to erase: the partner is told that the case is no longer offered.
    rows = [row for referral in withdrawn for row in notify.offer_ended(referral, now)]
    _finish(case, before, [event, *withdrawn_events(withdrawn)], rows, now)


def vital_interest_ended_step(*, case: Case, partner: PartnerOrganisation, now: datetime) -> None:
    """Without it consent alone decides: what that does not allow is taken back from the partner, which must erase.

    Timeline: referral_withdrawn. Feed: a tombstone. Outbox: the partner.
    """
    consent, before = consent_in_force(case.report_id), case.state
    is_unaware = Report.objects.filter(pk=case.report_id, subject_unaware=True).exists()
    may_cross = partner.side == case.side or consent.cross_border
    if not is_unaware and may_cross and consent.allows_disclosure_to(partner.body_id):
        return
    its_own = Q(partner=partner)
    withdrawn = withdraw_referrals_step(case, WithdrawalReason.CONSENT_WITHDRAWN, now=now, only=its_own)
    former = ask_to_erase_step(case, withdrawn, now=now, only=its_own)
    if consent.allows_offer and not is_unaware:
        _route_again(case, withdrawn, now)
    elif not case.referrals.filter(state__in=LOAD).exists():
        _back_to_our_people(case, now)
    events = [replace(event, by=SYSTEM) for event in withdrawn_events(withdrawn)]
    _finish(case, before, events, _words_to_partners(withdrawn, former, now), now)


def _without_vital_interest(case: Case) -> Q:
    """Partners that have it for vital interest keep it: two people decide again, the person's no is shown to them."""
    return ~Q(partner__in=VitalInterest.objects.in_force().filter(case=case).values("partner"))


def take_back_step(*, case: Case, is_erased: bool, now: datetime) -> None:
    """The report was withdrawn or erased: the case is `withdrawn` unless it had ended, and nobody keeps it.

    Open referrals are withdrawn (consent_withdrawn or erased); partners that have or had the case are told to erase and
    asked to confirm it. Timeline: report_withdrawn or report_erased, referral_withdrawn. Feed: tombstones. Outbox:
    partners. Copes with every state, also of a case that ended long ago.
    """
    before = case.state
    reason = WithdrawalReason.ERASED if is_erased else WithdrawalReason.CONSENT_WITHDRAWN
    withdrawn = withdraw_referrals_step(case, reason, now=now)
    former = ask_to_erase_step(case, withdrawn, now=now)
    close_consent_requests(report_id=case.report_id, body_id=None, now=now)
    if may_move_case(case.state, CaseState.WITHDRAWN):
        move(case, CaseState.WITHDRAWN)
        end_proposals_step(case, None, now)
    resume_clocks_step(case, now, because="taken_back")
    forget_dates_step(case, is_erased=is_erased, now=now)
    case.routing_wanted_at, case.due_at, case.due_kind = None, None, ""
    case.wait_due_at, case.wait_kind = None, ""
    event = Event("report_erased" if is_erased else "report_withdrawn", by=_taken_back_by(case) if is_erased else None)
    _finish(case, before, [event, *withdrawn_events(withdrawn)], _words_to_partners(withdrawn, former, now), now)


def _taken_back_by(case: Case) -> Actor:
    """The person, unless the time for which it may be kept was over."""
    expired = Report.objects.filter(pk=case.report_id, erased_because=ErasedBecause.RETENTION)
    return SYSTEM if expired.exists() else REPORTER


def _words_to_partners(withdrawn: Sequence[Referral], former: Sequence[Referral], now: datetime) -> list[OutboxMessage]:
    return [*notify.referrals_withdrawn(withdrawn, now), *notify.erasure_requested(former, now)]


def _let_partner_go_on(case: Case, request: ConsentRequest, event: Event, now: datetime) -> None:
    before = case.state
    its_own = case.referrals.filter(partner__body_id=request.body_id, state__in=ASSIGNED)
    referral = its_own.select_related("partner").defer("partner__phone").first()
    if referral is None:
        _finish(case, before, [event], [], now)
        return
    referral.case = case
    referral.contact_due_at = contact_due_after(referral, request.asked_at, now)
    referral.updated_at = now
    referral.save(update_fields=["contact_due_at", "updated_at"])
    record_changes([referral], "referral.consent_given", now=now)
    events = [event, *(hand_over_step(referral, now) if referral.takes_over_from_id else ())]
    if case.state == CaseState.WAITING_FOR_REPORTER:
        resume_clocks_step(case, now, because="consent")
        move(case, CaseState.ACCEPTED)
    set_partner_clocks(case)
    _finish(case, before, events, notify.consent_given(referral, now), now, organisation_id=request.body_id)


def _back_to_our_people(case: Case, now: datetime) -> None:
    """Without a partner's clock one of ours runs, so that somebody looks at it."""
    case.routing_wanted_at = None
    if case.state in _WITH_PARTNERS:
        resume_clocks_step(case, now, because="consent")
        move(case, CaseState.IN_PROGRESS if case.triaged_at else CaseState.TRIAGE)
    elif case.state != CaseState.IN_PROGRESS or case.wait_kind == "review":
        return  # it was theirs before
    set_due(case, *([review_clock(case, now)] if case.triaged_at else []))


def _route_again(case: Case, withdrawn: Sequence[Referral], now: datetime) -> None:
    """After these were withdrawn, unless another partner still has the case or was asked."""
    if withdrawn:
        give_on_step(case, now)


def _finish(
    case: Case,
    before: str,
    events: Sequence[Event],
    rows: Sequence[OutboxMessage],
    now: datetime,
    organisation_id: UUID | None = None,
) -> None:
    """The public status follows a change of state; the person did this, so no mail tells them of it."""
    record_events(case, events, by=REPORTER, now=now)
    case.save()
    notify.write_outbox(rows)
    if case.state != before:
        publish_status(
            report_id=case.report_id, code=case.state, expected_by=case.due_at, organisation_id=organisation_id, now=now
        )
