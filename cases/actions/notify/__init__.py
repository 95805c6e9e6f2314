"""Whom to tell: builds outbox rows in the caller's transaction, one file for each audience. Renders and sends nothing.

Every function returns unsaved rows; the caller writes all of its rows at once with `write_outbox`. Rows hold codes, ids
and numbers. A dedupe key names the occasion, so that an action that runs twice tells nobody twice.
"""

from .outbox import (
    URGENT,
    announce,
    write_outbox,
)
from .partners import (
    consent_changed,
    consent_given,
    consent_withdrawn,
    erasure_reminder,
    erasure_requested,
    offer,
    offer_ended,
    offer_reminder,
    referrals_withdrawn,
)
from .reporter import (
    message_waiting,
    status_changed,
)
from .staff import (
    WROTE_EVERY,
    agreement_ending,
    alarm,
    case_transferred,
    clock_half_way,
    clock_missed,
    closing_proposed,
    closing_sent_back,
    complaint,
    conflict_found,
    date_near,
    declined_by_all,
    delivery_given_up,
    follow_up,
    given_back,
    partner_moved,
    passed_on,
    reporter_wrote,
    transfer_waits,
    unrouted,
    urgent_case,
    vital_interest_asked,
)

__all__ = [
    "URGENT",
    "WROTE_EVERY",
    "agreement_ending",
    "alarm",
    "announce",
    "case_transferred",
    "clock_half_way",
    "clock_missed",
    "closing_proposed",
    "closing_sent_back",
    "complaint",
    "conflict_found",
    "consent_changed",
    "consent_given",
    "consent_withdrawn",
    "date_near",
    "declined_by_all",
    "delivery_given_up",
    "erasure_reminder",
    "erasure_requested",
    "follow_up",
    "given_back",
    "message_waiting",
    "offer",
    "offer_ended",
    "offer_reminder",
    "partner_moved",
    "passed_on",
    "referrals_withdrawn",
    "reporter_wrote",
    "status_changed",
    "transfer_waits",
    "unrouted",
    "urgent_case",
    "vital_interest_asked",
    "write_outbox",
]
