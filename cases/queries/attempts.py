"""Attempts to reach a person, and how many are missing until contact counts as lost (domain.md §5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from cases.models import Case, ContactAttempt
from cases.queries.life_rules import LostContact, life_rules
from cases.workflow import ContactResult
from intake.models import IntakeEvent, Message, SafeContact
from intake.vocabulary import Voice


@dataclass(frozen=True, slots=True)
class Attempt:
    """`counts`: safe at its moment, in vain, and later than the person's last sign of life."""

    at: datetime
    channel: str  # empty: a message on the person's page
    result: str
    was_safe: bool
    counts: bool
    who: str = ""


@dataclass(frozen=True, slots=True)
class Attempts:
    """`rows` newest first; `days`: the different days of those that count, in the person's zone."""

    rows: Sequence[Attempt]
    counted: int
    days: int
    wanted: int
    missing: int
    by_page_only: bool  # no safe contact: an attempt is a message left unread


_THEIRS = frozenset({Voice.REPORTER, Voice.AFFECTED_PERSON})


def attempts_of(case: Case, contact: SafeContact | None, now: datetime) -> Attempts:
    """Three statements; `contact` is the one in force. Partners' attempts count as ours do.

    Whatever the person did since begins the count anew: was reached, wrote or changed something, read what we wrote.
    """
    rule = life_rules().lost_contact
    logged = list(
        ContactAttempt.objects.filter(case=case)
        .select_related("by", "referral__partner__body")
        .defer("by__phone", "referral__note", "referral__partner__phone")
        .order_by("-at", "-pk")
    )
    written = list(_messages(case))
    sign = _last_sign(case, logged, written)
    zone = zone_of(case, contact)
    by_page_only = not can_be_called(contact, now)
    rows = [_logged(row, sign) for row in logged]
    if by_page_only:
        rows += _unread(written, sign, rule.unread, now)
    rows.sort(key=lambda row: row.at, reverse=True)
    counted = [row for row in rows if row.counts]
    days = {row.at.astimezone(zone).date() for row in counted}
    return Attempts(rows, len(counted), len(days), rule.attempts, _missing(rule, len(counted), len(days)), by_page_only)


def can_be_called(contact: SafeContact | None, now: datetime) -> bool:
    """Whether the person can be reached outside of their page at all, be it at another hour."""
    if contact is None or contact.never_contact or not contact.method:
        return False
    return contact.valid_until is None or now.astimezone(ZoneInfo(contact.timezone)).date() <= contact.valid_until


def zone_of(case: Case, contact: SafeContact | None) -> ZoneInfo:
    """The person's own, else that of the place where they are."""
    if contact is not None and contact.timezone:
        return ZoneInfo(contact.timezone)
    return ZoneInfo((case.region.timezone if case.region else "") or case.country.timezone)


def _missing(rule: LostContact, counted: int, days: int) -> int:
    return max(rule.attempts - counted, rule.days - days, 0)


def _messages(case: Case) -> Iterable[tuple[str, str, datetime, datetime | None]]:
    """Between the person and our people: what partners wrote is no attempt of ours, that it was read is a sign."""
    rows = Message.objects.filter(report_id=case.report_id).order_by("sent_at", "pk")
    for voice, organisation, sent_at, read_at in rows.values_list("voice", "organisation", "sent_at", "read_at"):
        yield voice, str(organisation or ""), sent_at, read_at


def _last_sign(
    case: Case, logged: Sequence[ContactAttempt], written: Iterable[tuple[str, str, datetime, datetime | None]]
) -> datetime | None:
    """`read_at` of what the person wrote is when we read it, and no sign of theirs."""
    signs = [row.at for row in logged if row.result == ContactResult.REACHED]
    acted = IntakeEvent.objects.filter(report_id=case.report_id).aggregate(last=Max("at"))["last"]
    signs += [acted] if acted else []
    for voice, _organisation, sent_at, read_at in written:
        if voice in _THEIRS:
            signs.append(sent_at)
        elif read_at is not None:
            signs.append(read_at)
    return max(signs, default=None)


def _logged(row: ContactAttempt, sign: datetime | None) -> Attempt:
    in_vain = row.result == ContactResult.NO_ANSWER and row.was_safe
    counts = in_vain and (sign is None or row.at > sign)
    return Attempt(row.at, row.channel, row.result, row.was_safe, counts, _who(row))


def _who(row: ContactAttempt) -> str:
    """The partner, and who heard of it by telephone."""
    partner = row.referral.partner.name() if row.referral else ""
    return " · ".join(name for name in (partner, row.by.name if row.by else "") if name)


def _unread(
    written: Iterable[tuple[str, str, datetime, datetime | None]],
    sign: datetime | None,
    unread: timedelta,
    now: datetime,
) -> list[Attempt]:
    return [
        Attempt(sent_at, "", ContactResult.LEFT_UNREAD, True, True)
        for voice, organisation, sent_at, read_at in written
        if voice == Voice.CASEWORKER
        and not organisation
        and read_at is None
        and sent_at + unread <= now
        and (sign is None or sent_at > sign)
    ]
