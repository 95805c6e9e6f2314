"""May this message go out at this moment, and to which address? Asked of the rows as they are now, never of a copy."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases.models import OutboxMessage, Recusal
from cases.permissions import may
from cases.workflow import ASSIGNED, ReferralState
from intake.encryption import CannotDecrypt
from intake.errors import ReportErased
from intake.models import ReportKey
from intake.queries import ConsentInForce, consents_in_force, current_contact, next_safe_moment
from intake.vocabulary import ContactMethod
from workers.channels import Answer

NOT_NOW = "not_allowed_now"
# Why a notice about a case is not for this colleague any more: it goes to somebody else then (record.py).
INACTIVE, KNOWS_PERSON, OTHER_SIDE = "recipient_inactive", "recipient_knows_person", "recipient_of_other_side"
OTHER_ROLE = "recipient_has_other_role"
NOT_FOR_THEM = frozenset({INACTIVE, KNOWS_PERSON, OTHER_SIDE, OTHER_ROLE})

_Audience, _Channel = OutboxMessage.Audience, OutboxMessage.Channel


@dataclass(frozen=True, slots=True, repr=False)
class Go:
    address: str  # personal: a mail address, or the webhook's URL


@dataclass(frozen=True, slots=True)
class Wait:
    """Allowed, but not now."""

    until: datetime
    result: str = NOT_NOW


@dataclass(frozen=True, slots=True)
class Drop:
    """Never again. `is_failure`: somebody who ought to have been told cannot be; otherwise it is as it should be."""

    result: str
    is_failure: bool = False


Verdict = Go | Wait | Drop | Answer
Consents = Mapping[UUID, ConsentInForce]
Known = frozenset[tuple[UUID, UUID]]
_TO_BOTH_SIDES = frozenset({"transfer_waits"})

# Word that a partner must stop reaches also one that is no longer active: it may still hold data.
_STOP = frozenset({"consent_changed", "consent_withdrawn", "offer_withdrawn", "erasure_requested", "erasure_reminder"})


def permits(messages: Iterable[OutboxMessage], now: datetime) -> dict[UUID, Verdict]:
    """One look-up of consent for all, one of recusals; reporters' contacts one by one, each with its report's key."""
    rows = list(messages)
    consents, known = _consents(rows), _known(rows)
    return {message.pk: _permit(message, consents, known, now) for message in rows}


def _consents(rows: list[OutboxMessage]) -> Consents:
    reports = {row.case.report_id for row in rows if row.kind in _WARRANTS and row.case is not None}
    return consents_in_force(reports) if reports else {}


def _known(rows: list[OutboxMessage]) -> Known:
    """Who knows the person of which case."""
    pairs = {(row.case_id, row.user_id) for row in rows if row.case_id is not None and row.user_id is not None}
    if not pairs:
        return frozenset()
    cases, users = zip(*pairs, strict=True)
    return frozenset(Recusal.objects.filter(case__in=cases, user__in=users).values_list("case_id", "user_id"))


def _permit(message: OutboxMessage, consents: Consents, known: Known, now: datetime) -> Verdict:
    if message.audience == _Audience.PARTNER:
        return _to_partner(message, consents)
    if message.audience == _Audience.STAFF:
        return _to_staff(message, known)
    return _to_reporter(message, now)


def _to_staff(message: OutboxMessage, known: Known) -> Verdict:
    if message.user is None or not message.user.is_active:
        return Drop(INACTIVE)
    if (message.case_id, message.user_id) in known:
        return Drop(KNOWS_PERSON)
    if message.case is not None and not may(message.user, "open_case"):
        return Drop(OTHER_ROLE)
    is_elsewhere = message.case is not None and message.case.side != message.user.side
    if is_elsewhere and message.kind not in _TO_BOTH_SIDES:
        return Drop(OTHER_SIDE)
    return _address(message, message.user.email)


def _to_partner(message: OutboxMessage, consents: Consents) -> Verdict:
    partner = message.partner
    if partner is None or (not partner.is_active and message.kind not in _STOP):
        return Drop(INACTIVE)
    is_warranted = _WARRANTS.get(message.kind)
    if is_warranted is not None and not is_warranted(message, consents):
        return Drop("no_longer_true")
    if message.channel == _Channel.WEBHOOK:
        return _endpoint(message)
    return _address(message, partner.email)


def _endpoint(message: OutboxMessage) -> Verdict:
    if message.endpoint is None or not message.endpoint.is_active:
        return Drop("endpoint_disabled", is_failure=True)
    return Go(message.endpoint.url)


def _address(message: OutboxMessage, address: str) -> Verdict:
    if message.channel != _Channel.EMAIL:
        return Drop("no_channel", is_failure=True)
    return Go(address) if "@" in address else Drop("no_address", is_failure=True)


def _is_offered(message: OutboxMessage, consents: Consents) -> bool:
    """The offer still stands, and the person has not said no since."""
    referral, consent = message.referral, _consent(message, consents)
    if referral is None or consent is None or message.partner is None:
        return False
    return referral.state == ReferralState.OFFERED and consent.allows_offer_to(message.partner.body_id)


def _is_disclosed(message: OutboxMessage, consents: Consents) -> bool:
    """The partner still has the case, and the person's yes to it still stands."""
    referral, consent = message.referral, _consent(message, consents)
    if referral is None or consent is None or message.partner is None:
        return False
    return referral.state in ASSIGNED and consent.allows_disclosure_to(message.partner.body_id)


def _consent(message: OutboxMessage, consents: Consents) -> ConsentInForce | None:
    return consents.get(message.case.report_id) if message.case is not None else None


# Kinds that are true only as long as something holds. The others tell what happened, which stays true.
_WARRANTS: Mapping[str, Callable[[OutboxMessage, Consents], bool]] = {
    "offer": _is_offered,
    "offer_reminder": _is_offered,
    "consent_given": _is_disclosed,
}


def _to_reporter(message: OutboxMessage, now: datetime) -> Verdict:
    """By the newest rules the person gave, which replace those that held when the message was written."""
    if message.contact is None:
        return Drop("never_contact")
    contact = current_contact(message.contact.report_id, message.contact.voice)
    if contact is None or contact.never_contact or not contact.notify or contact.method != ContactMethod.EMAIL:
        return Drop("never_contact")
    moment = next_safe_moment(contact, now)
    if moment is None:
        return Drop("no_safe_time")
    if moment > now:
        return Wait(moment)
    try:
        address = contact.unseal(ReportKey.of(contact.report_id), "value")
    except ReportErased:
        return Drop("erased")
    except CannotDecrypt:  # a worker with other keys, say: tried again, and no reason to hold up all the others
        return Answer("cannot_read")
    return _address(message, address or "")
