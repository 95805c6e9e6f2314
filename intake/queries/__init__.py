"""Reads of intake: a mailbox by receipt code, consent in force, safe contact, reference data. Nothing here writes."""

from .consent import ConsentInForce, consent_in_force, consents_in_force, open_consent_request, open_consent_requests
from .mailboxes import Mailbox, current_public_status, mailbox, report_by_code, who_has_seen
from .reference import ReferenceData, forget_reference_data, reference_data
from .safe_contact import current_contact, next_safe_moment, safe_contact_now

__all__ = [
    "ConsentInForce",
    "Mailbox",
    "ReferenceData",
    "consent_in_force",
    "consents_in_force",
    "current_contact",
    "current_public_status",
    "forget_reference_data",
    "mailbox",
    "next_safe_moment",
    "open_consent_request",
    "open_consent_requests",
    "reference_data",
    "report_by_code",
    "safe_contact_now",
    "who_has_seen",
]
