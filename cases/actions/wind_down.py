"""After the last day of an agreement: offers under it are taken back, and running referrals follow its wind-down.

A partner that is not active any more gives back everything at once.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cases.actions import notify
from cases.actions.apart import apart
from cases.actions.case_row import lock_case, save_case
from cases.actions.leave_partner import leave_partner_step
from cases.actions.record import SYSTEM, record_events
from cases.actions.withdraw_referrals import ask_to_erase_step, withdraw_referrals_step, withdrawn_events
from cases.models import AgreementVersion, Case, Referral, VitalInterest
from cases.queries.agreement_ends import cases_without_chain, without_chain
from cases.workflow import LOAD, ReferralState, WithdrawalReason
from intake.actions.change_consent import close_consent_requests


def wind_down_ended(*, now: datetime, limit: int = 500) -> int:
    """Ends what no agreement carries any more, and what lies with a partner that is not active; returns how many
    referrals. Each case in a transaction of its own.

    Safe to run twice and in two processes: a case that somebody else has locked is left to the next run.
    """
    return sum(_wind_down(case_id, now) for case_id in cases_without_chain(now)[:limit])


@apart("referrals of case %s cannot be wound down")
def _wind_down(case_id: UUID, now: datetime) -> int:
    """Offers without a chain are withdrawn (agreement_ended) whatever the setting: nobody could accept them.

    With *hand back* accepted ones too, and those partners are told to erase; with *finish* they go on. A partner that
    has the case for vital interest keeps it (decision 31). The case is routed on in the same round. Timeline:
    referral_withdrawn. Feed and outbox: the partners. Publishes the public status.

    A partner that is not active loses offers and cases (by_caseworker: we stopped it, its agreement may run on). It
    can do nothing for anybody, so it keeps none for vital interest either: a life must not wait for who is not there.
    The vital interest itself stays for the supervisors to end, and shows nothing without a referral. Practice cases
    come back alike. A paused partner keeps what it has.
    """
    case = lock_case(case_id, skip_locked=True)
    if case is None:
        return 0
    ending = _ending(case, now)
    if not ending:
        return 0
    for reason, referral_ids in ending.items():
        withdraw_for_want_of_chain_step(case, referral_ids, reason, now=now)
    save_case(case)
    return sum(map(len, ending.values()))


def withdraw_for_want_of_chain_step(
    case: Case, referral_ids: Collection[UUID], reason: str, *, now: datetime
) -> list[Referral]:
    """Withdraws these; who had accepted is told to erase, and the case goes to who takes it over, or back to routing.

    A step: the caller holds the case's lock and saves it. Timeline: referral_withdrawn. Feed, outbox: the partners.
    """
    these = Q(pk__in=referral_ids)
    withdrawn = withdraw_referrals_step(case, reason, now=now, only=these)
    ask_to_erase_step(case, withdrawn, now=now, only=these)
    for referral in withdrawn:
        close_consent_requests(report_id=case.report_id, body_id=referral.partner.body_id, now=now)
    record_events(case, withdrawn_events(withdrawn), by=SYSTEM, now=now)
    leave_partner_step(case, now)
    had_it = [row for row in withdrawn if row.answered_at is not None]
    offers = [row for row in withdrawn if row.answered_at is None]
    rows = [*notify.erasure_requested(had_it, now), *notify.referrals_withdrawn(offers, now)]
    if had_it:
        rows += notify.status_changed(case, now)
    notify.write_outbox(rows)
    return withdrawn


def _ending(case: Case, now: datetime) -> dict[str, list[UUID]]:
    """By the reason of their withdrawal."""
    rows = Referral.objects.filter(case=case, state__in=LOAD)
    rows = rows.select_related("partner", "agreement_version", "memorandum_version").defer("partner__phone")
    referrals = list(rows.order_by("pk"))
    for referral in referrals:
        referral.case = case
    active = [row for row in referrals if row.partner.is_active]
    found = {
        WithdrawalReason.BY_CASEWORKER: [row.pk for row in referrals if not row.partner.is_active],
        WithdrawalReason.AGREEMENT_ENDED: _without_chain(case, active, now),
    }
    return {reason: ending for reason, ending in found.items() if ending}


def _without_chain(case: Case, referrals: list[Referral], now: datetime) -> list[UUID]:
    ended = without_chain(referrals, now)
    vital = set(VitalInterest.objects.in_force().filter(case=case).values_list("partner", flat=True)) if ended else ()
    return [
        row.pk
        for row in referrals
        if row.pk in ended
        and (
            row.state == ReferralState.OFFERED
            or (ended[row.pk] == AgreementVersion.WindDown.HAND_BACK and row.partner_id not in vital)
        )
    ]
