"""Logs one attempt to reach the person, ours or a partner's: reached, no answer, or not safe to speak."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.reached_case import reached_case
from cases.actions.record import Actor, Event, record_events
from cases.disclosure import may_see_contact
from cases.models import Case, ContactAttempt, Referral
from cases.queries.attempts import can_be_called
from cases.workflow import ContactResult, Reached
from intake.errors import InvalidInput
from intake.models import SafeContact
from intake.queries import current_contact, safe_contact_now
from intake.vocabulary import ContactMethod

_LOGGED = frozenset({ContactResult.REACHED, ContactResult.NO_ANSWER, ContactResult.UNSAFE})
_SAID: Mapping[str, str] = {
    Reached.YES: ContactResult.REACHED,
    Reached.NO: ContactResult.NO_ANSWER,
    Reached.UNSAFE: ContactResult.UNSAFE,
}


@transaction.atomic(durable=True)
def log_attempt(*, case_id: UUID, channel: str, result: str, by: Actor, now: datetime) -> ContactAttempt:
    """What has just been tried, with whether that was safe by the person's rules at this moment and by this channel.

    One that was not safe is kept too, and never counts towards lost contact. Timeline: contact_attempted. Raises
    NotFound, NotAllowed, InvalidInput (channel, result; also: the person allows no contact at all).
    """
    case, user = reached_case(case_id, by, "log_attempt")
    contact = _checked(case, channel, result, now)
    was_safe = _was_safe(contact, channel, now)
    row = ContactAttempt.objects.create(case=case, at=now, channel=channel, result=result, was_safe=was_safe, by=user)
    details = {"attempt": row.pk, "channel": channel, "result": result, "safe": was_safe}
    record_events(case, [Event("contact_attempted", details)], by=by, now=now)
    case.save()
    return row


def partner_attempt_step(
    referral: Referral, *, at: datetime, channel: str, reached: str, by: Actor
) -> ContactAttempt | None:
    """Keeps what a partner tried `at` that time; None where the same was said before. A step; records no event.

    It counts like one of ours: tried by the person's own way and in their hours, as these stood then. One made without
    the person's consent to pass their contact on to this partner was not safe. What comes of that no partner is told:
    it would say what rules the person has set.
    """
    said = {"referral": referral, "at": at, "channel": channel, "result": _SAID[reached]}
    if ContactAttempt.objects.filter(**said).exists():  # the case's lock keeps a twin out
        return None
    contact = current_contact(referral.case.report_id, at=at)
    was_safe = contact is not None and _was_safe(contact, channel, at) and may_see_contact(referral)
    heard_by = by.ref if by.kind == "staff" else None
    return ContactAttempt.objects.create(case=referral.case, was_safe=was_safe, by_id=heard_by, **said)


def _was_safe(contact: SafeContact, channel: str, at: datetime) -> bool:
    return channel == contact.method and safe_contact_now(contact, at)


def _checked(case: Case, channel: str, result: str, now: datetime) -> SafeContact:
    choices = {"channel": channel in ContactMethod, "result": result in _LOGGED}
    if wrong := {name: [_("Please choose one of these.")] for name, is_one in choices.items() if not is_one}:
        raise InvalidInput(fields=wrong)
    contact = current_contact(case.report_id)
    if contact is None or not can_be_called(contact, now):
        message = _("The person allows no contact outside of their page. An attempt is a message that you write there.")
        raise InvalidInput(fields={"channel": [message]})
    return contact
