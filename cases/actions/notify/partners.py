"""Notices to partners, by mail and webhook. Unsaved rows; each needs `referral.case` and `.partner` in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases.actions.record import reason_of
from cases.models import OutboxMessage, Referral, WebhookEndpoint
from cases.workflow import ReferralState, WithdrawalReason

from .outbox import interface_language, lane_of

_Audience, _Channel = OutboxMessage.Audience, OutboxMessage.Channel


def offer(referrals: Sequence[Referral], now: datetime) -> list[OutboxMessage]:
    """By mail and to every webhook of each partner. One look-up for all of them."""
    return _to_partners("offer", referrals, now)


def offer_reminder(referral: Referral, now: datetime) -> list[OutboxMessage]:
    """Half, or four fifths, of the answer clock is over and nobody has answered."""
    rows = _to_partners("offer_reminder", [referral], now)
    for row in rows:
        row.dedupe_key = f"{row.dedupe_key}:{referral.reminders_sent}"
    return rows


def offer_ended(referral: Referral, now: datetime) -> list[OutboxMessage]:
    """The offer expired, or was withdrawn for a reason that has nothing to do with data the partner holds."""
    expired = referral.state == ReferralState.EXPIRED
    return _to_partners("offer_expired" if expired else "offer_withdrawn", [referral], now)


def consent_given(referral: Referral, now: datetime) -> list[OutboxMessage]:
    """The person said yes to this partner: the consented data can be fetched now."""
    return _to_partners("consent_given", [referral], now)


def consent_changed(referrals: Sequence[Referral], now: datetime) -> list[OutboxMessage]:
    """The person changed what these partners may see: they fetch anew and delete what is not shown any more. Call it
    after recording the event, which makes the occasion. One look-up."""
    rows = _to_partners("consent_changed", referrals, now) if referrals else []
    for row in rows:
        row.dedupe_key = f"{row.dedupe_key}:{row.case.event_count}"  # type: ignore[union-attr]
    return rows


def consent_withdrawn(referral: Referral, now: datetime) -> list[OutboxMessage]:
    """Nothing more may be fetched, and what was fetched is to be erased."""
    return _to_partners("consent_withdrawn", [referral], now)


def referrals_withdrawn(referrals: Sequence[Referral], now: datetime) -> list[OutboxMessage]:
    """One look-up for all: who had the case is told to erase when the person took it back, the others that it ended."""
    to_erase = [referral for referral in referrals if referral.answered_at and _took_back(referral)]
    ended = [referral for referral in referrals if referral not in to_erase]
    endpoints = _endpoints([*to_erase, *ended])
    return [
        *_to_partners("consent_withdrawn", to_erase, now, endpoints),
        *_to_partners("offer_withdrawn", ended, now, endpoints),
    ]


def erasure_requested(referrals: Sequence[Referral], now: datetime) -> list[OutboxMessage]:
    """The referral ended before; what the partner kept of it is to be erased. One look-up for all of them."""
    return _to_partners("erasure_requested", referrals, now) if referrals else []


def erasure_reminder(referral: Referral, number: int, now: datetime) -> list[OutboxMessage]:
    """The partner has not confirmed that its copies are gone. By mail: its programs have the feed's tombstone."""
    row = _to_partner("erasure_reminder", referral, now, _Channel.EMAIL, None)
    row.dedupe_key = f"erasure_reminder:{referral.pk}:{number}:email"
    return [row]


def _took_back(referral: Referral) -> bool:
    return referral.withdrawal_reason in {WithdrawalReason.CONSENT_WITHDRAWN, WithdrawalReason.ERASED}


def _endpoints(referrals: Sequence[Referral]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    if referrals:
        active = WebhookEndpoint.objects.filter(partner_id__in={r.partner_id for r in referrals}, is_active=True)
        for pk, partner_id in active.order_by("pk").values_list("pk", "partner_id"):
            found.setdefault(partner_id, []).append(pk)
    return found


def _to_partners(
    kind: str, referrals: Sequence[Referral], now: datetime, endpoints: dict[UUID, list[UUID]] | None = None
) -> list[OutboxMessage]:
    endpoints = _endpoints(referrals) if endpoints is None else endpoints
    rows = []
    for referral in referrals:
        rows.append(_to_partner(kind, referral, now, _Channel.EMAIL, None))
        rows.extend(
            _to_partner(kind, referral, now, _Channel.WEBHOOK, endpoint)
            for endpoint in endpoints.get(referral.partner_id, ())
        )
    return rows


def _to_partner(kind: str, referral: Referral, now: datetime, channel: str, endpoint: UUID | None) -> OutboxMessage:
    where = channel if endpoint is None else f"{channel}:{endpoint}"
    return OutboxMessage(
        kind=kind,
        case=referral.case,
        referral=referral,
        audience=_Audience.PARTNER,
        channel=channel,
        partner=referral.partner,
        endpoint_id=endpoint,
        language=interface_language(referral.partner.language),
        params={
            "reference": referral.case.reference,
            "referral": str(referral.pk),
            "urgency": referral.urgency,
            "state": str(referral.state),
            "reason": str(reason_of(referral)),
            "answer_due_at": referral.answer_due_at.isoformat(),
            "contact_due_at": referral.contact_due_at.isoformat() if referral.contact_due_at else "",
            "timezone": referral.partner.timezone,
            "at": now.isoformat(),
        },
        lane=lane_of(referral.urgency),
        dedupe_key=f"{kind}:{referral.pk}:{where}",
        next_attempt_at=now,
        created_at=now,
    )
