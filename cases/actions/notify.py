"""Whom to tell: builds outbox rows inside the caller's transaction. Renders nothing, sends nothing.

Every function returns unsaved rows; the caller writes all of its rows at once with `write_outbox`. Rows hold codes, ids
and numbers. A dedupe key names the occasion, so that an action that runs twice tells nobody twice.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from cases.actions.record import reason_of
from cases.models import Case, OutboxMessage, Referral, User, WebhookEndpoint
from cases.queries import duty
from cases.queries.agreement_ends import Ending
from cases.queries.duty import StaffMember
from cases.queries.merges import merged_into, who_answers
from cases.signals import outbox_written
from cases.workflow import ReferralState, WithdrawalReason
from intake.queries import current_contact
from intake.vocabulary import ContactMethod, Side

_Audience, _Channel, _Lane = OutboxMessage.Audience, OutboxMessage.Channel, OutboxMessage.Lane
URGENT = frozenset({1, 2})  # urgencies whose notices overtake all others
WROTE_EVERY = timedelta(hours=1)


def write_outbox(rows: Iterable[OutboxMessage]) -> None:
    """Writes the rows in one statement, leaving out what was written before, and announces them after commit."""
    if rows := list(rows):
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        announce()


def announce() -> None:
    """Sends `outbox_written` after commit. What a receiver does wrong must not reach the one who acted."""
    transaction.on_commit(lambda: outbox_written.send(sender=OutboxMessage), robust=True)


# --- staff ------------------------------------------------------------------------------------------------------------


def urgent_case(case: Case, now: datetime) -> list[OutboxMessage]:
    """To the person on duty; if nobody is, to all supervisors of the side. One look-up."""
    return alarm(case, duty.people_to_alert(case.side, now, case_id=case.pk), now, occasion="")


def alarm(case: Case, people: Sequence[StaffMember], now: datetime, *, occasion: str) -> list[OutboxMessage]:
    """The same alarm to these people, however ordinary the lane of other notices is."""
    return _to_staff("urgent_case", case, people, now, lane=_Lane.URGENT, occasion=occasion)


def unrouted(case: Case, now: datetime) -> list[OutboxMessage]:
    """No partner exists or all are full. Call it after recording the move, which makes the occasion."""
    return _to_responsible("unrouted", case, now)


def declined_by_all(case: Case, now: datetime) -> list[OutboxMessage]:
    """Everybody who was asked in this round declined or did not answer. Call it after recording the move."""
    return _to_responsible("declined_by_all", case, now)


def clock_missed(case: Case, clock: str, now: datetime) -> list[OutboxMessage]:
    """This clock has run out. Call it after recording the event, which makes the occasion; so also the next two."""
    return _to_responsible("clock_missed", case, now, clock=clock)


def clock_half_way(case: Case, clock: str, now: datetime) -> list[OutboxMessage]:
    return _to_responsible("clock_half_way", case, now, clock=clock)


def date_near(case: Case, kind: str, days: int, now: datetime) -> list[OutboxMessage]:
    """A date set by law comes in `days`, or is over (0)."""
    rows = _to_responsible("date_near", case, now, date_kind=kind, days=days)
    for row in rows:  # a case can have two dates on one day
        row.dedupe_key = f"{row.dedupe_key}:{kind}"
    return rows


def reporter_wrote(case: Case, now: datetime) -> list[OutboxMessage]:
    """The person wrote, or said something anew. One notice an hour for a case: what comes within the hour after one is
    told together at its end. Call it after recording the event. Two look-ups, one when a notice is waiting already."""
    told = OutboxMessage.objects.filter(kind="reporter_wrote", case=case).order_by("-created_at", "-pk")
    newest = told.values_list("params", flat=True).first()
    at = now
    if newest is not None:
        last = datetime.fromisoformat(newest["at"])
        if last > now:
            return []
        at = max(now, last + WROTE_EVERY)
    people = duty.people_to_tell(case.side, now, responsible_id=who_answers(case))
    occasion = f":{case.event_count}"
    lane = _lane(case.urgency)
    rows = _to_staff("reporter_wrote", case, people, now, lane=lane, occasion=occasion, at=at.isoformat())
    for row in rows:
        row.next_attempt_at = at
    return rows


def given_back(case: Case, now: datetime) -> list[OutboxMessage]:
    """The case to which this one was merged is gone: it is to be triaged anew. Call it after recording that."""
    return _to_responsible("given_back", case, now)


def complaint(case: Case, now: datetime, *, concerns: Collection[UUID]) -> list[OutboxMessage]:
    """To the supervisors of the side, never to those whom one about us `concerns`. Nothing of its words. If nobody is
    left, the administrators hear that one waits and that a supervisor is missing."""
    supervisors = duty.supervisors(case.side, now, case_id=case.pk)
    people = [person for person in supervisors if person.id not in concerns]
    if not people:
        return _supervisor_missing(case, "complaint", now)
    return _to_staff("complaint", case, people, now, lane=_lane(case.urgency), occasion=f":{case.event_count}")


def _supervisor_missing(case: Case, what: str, now: datetime) -> list[OutboxMessage]:
    """Administrators see no person, so the notice belongs to no case and says nothing of one."""
    return [
        OutboxMessage(
            kind="supervisor_missing",
            audience=_Audience.STAFF,
            channel=_Channel.EMAIL,
            user_id=person.id,
            language=_interface_language(person.language),
            params={"side": case.side, "what": what},
            lane=_lane(case.urgency),
            dedupe_key=f"supervisor_missing:{case.pk}:{case.event_count}:{person.id}:email",
            next_attempt_at=now,
            created_at=now,
        )
        for person in duty.administrators(case.side)
    ]


def transfer_waits(case: Case, now: datetime) -> list[OutboxMessage]:
    """A transfer is asked for: to the supervisors of both sides. Call it after recording the event. Two look-ups."""
    people = [person for side in Side.values for person in duty.supervisors(side, now)]
    return _to_staff("transfer_waits", case, people, now, lane=_lane(case.urgency), occasion=f":{case.event_count}")


def case_transferred(case: Case, now: datetime) -> list[OutboxMessage]:
    """The side that has the case now hears of it. Call it after recording the event."""
    return _to_responsible("case_transferred", case, now)


def agreement_ending(ending: Ending, now: datetime) -> list[OutboxMessage]:
    """To coordinators and supervisors of its sides, and to its partner: once for each notice and last day."""
    agreement = ending.agreement
    sides = [agreement.side] if agreement.side else Side.values
    occasion = f"{agreement.pk}:{ending.last_day.isoformat()}:{ending.days}"
    shared = {
        "agreement": agreement.slug,
        "last_day": ending.last_day.isoformat(),
        "days": max(ending.left, 0),
        "is_memorandum": agreement.partner_id is None,
        "side": agreement.side,
    }
    row = partial(
        OutboxMessage, channel=_Channel.EMAIL, params=shared, lane=_Lane.NORMAL, next_attempt_at=now, created_at=now
    )
    rows = [
        row(
            kind="agreement_ending",
            audience=_Audience.STAFF,
            user_id=person.id,
            language=_interface_language(person.language),
            dedupe_key=f"agreement_ending:{occasion}:{person.id}",
        )
        for person in duty.agreement_people(sides)
    ]
    if agreement.partner is not None and agreement.partner.is_active:
        own = row(
            kind="own_agreement_ending",
            audience=_Audience.PARTNER,
            partner=agreement.partner,
            language=_interface_language(agreement.partner.language),
            dedupe_key=f"own_agreement_ending:{occasion}:{agreement.partner.pk}",
        )
        rows.append(own)
    return rows


def closing_proposed(case: Case, proposer_id: UUID, now: datetime) -> list[OutboxMessage]:
    """To the supervisors of the side, except the one who proposed and who knows the person; with nobody left the
    administrators hear that one is missing. Call it after recording the event."""
    supervisors = duty.supervisors(case.side, now, case_id=case.pk)
    people = [person for person in supervisors if person.id != proposer_id]
    if not people:
        return _supervisor_missing(case, "closing", now)
    return _to_staff("closing_proposed", case, people, now, lane=_Lane.NORMAL, occasion=f":{case.event_count}")


def closing_sent_back(case: Case, proposer_id: UUID, now: datetime) -> list[OutboxMessage]:
    """To the one who proposed it; if they have left, to whoever has the case. Call it after recording the event."""
    people = duty.people_to_tell(case.side, now, responsible_id=proposer_id)
    return _to_staff("closing_sent_back", case, people, now, lane=_Lane.NORMAL, occasion=f":{case.event_count}")


def follow_up(
    case: Case, follow_up_id: UUID, due_at: datetime, user: User | None, now: datetime
) -> list[OutboxMessage]:
    """That something is to be followed up, and never what. Without a user to whoever has the case, else on duty. The
    hour names the occasion: one that was moved reminds again."""
    people = duty.people_to_tell(case.side, now, responsible_id=user.pk if user else case.responsible_id)
    rows = _to_staff("follow_up", case, people, now, lane=_Lane.NORMAL, occasion="")
    for row in rows:
        row.dedupe_key = f"follow_up:{follow_up_id}:{due_at.timestamp():.0f}:{row.user_id}:email"
    return rows


def partner_moved(case: Case, what: str, now: datetime) -> list[OutboxMessage]:
    """What a partner did with a case in hand: unsafe, completed, returned, transfer_failed. After recording it."""
    return _to_responsible("partner_moved", case, now, what=what)


def conflict_found(case: Case, now: datetime) -> list[OutboxMessage]:
    """A partner that has the case is close to somebody the person has named. Call it after recording the event."""
    return _to_responsible("conflict_found", case, now)


def delivery_given_up(message: OutboxMessage, now: datetime) -> list[OutboxMessage]:
    """A notice about a case could not be delivered. One about such a failure makes no further one."""
    if message.case is None or message.kind == "delivery_given_up":
        return []
    rows = _to_responsible("delivery_given_up", message.case, now, failed_kind=message.kind, channel=message.channel)
    for row in rows:
        row.dedupe_key = f"delivery_given_up:{message.pk}:{row.user_id}:email"
    return rows


def _to_responsible(kind: str, case: Case, now: datetime, **params: Any) -> list[OutboxMessage]:
    people = duty.people_to_tell(case.side, now, responsible_id=case.responsible_id, case_id=case.pk)
    return _to_staff(kind, case, people, now, lane=_lane(case.urgency), occasion=f":{case.event_count}", **params)


def _to_staff(
    kind: str,
    case: Case,
    people: Sequence[StaffMember],
    now: datetime,
    *,
    lane: int,
    occasion: str,
    **params: Any,
) -> list[OutboxMessage]:
    return [
        OutboxMessage(
            kind=kind,
            case=case,
            audience=_Audience.STAFF,
            channel=_Channel.EMAIL,
            user_id=person.id,
            language=_interface_language(person.language),
            params={"reference": case.reference, "urgency": case.urgency, **params},
            lane=lane,
            dedupe_key=f"{kind}:{case.pk}{occasion}:{person.id}:email",
            next_attempt_at=now,
            created_at=now,
        )
        for person in people
    ]


# --- partners: each needs `referral.case` and `referral.partner` in memory --------------------------------------------


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
        language=_interface_language(referral.partner.language),
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
        lane=_lane(referral.urgency),
        dedupe_key=f"{kind}:{referral.pk}:{where}",
        next_attempt_at=now,
        created_at=now,
    )


# --- the reporter -----------------------------------------------------------------------------------------------------


def status_changed(case: Case, now: datetime) -> list[OutboxMessage]:
    """A neutral mail, only for a person who opted in to it. Safe hours are checked again at the moment of sending."""
    return [*_to_reporter("status_changed", case, now), *_to_followers(case, now)]


def _to_followers(case: Case, now: datetime) -> list[OutboxMessage]:
    """Whose case was merged into this one: they read its status, and are told of it by the same neutral sentence."""
    rows = []
    for joined in merged_into(case):
        for row in _to_reporter("status_changed", joined, now):
            row.dedupe_key = f"status_changed:{joined.pk}:{case.pk}:{case.event_count}:email"
            rows.append(row)
    return rows


def message_waiting(case: Case, now: datetime) -> list[OutboxMessage]:
    """As `status_changed`: the person has something to read or to answer on their page."""
    return _to_reporter("message_waiting", case, now)


def _to_reporter(kind: str, case: Case, now: datetime) -> list[OutboxMessage]:
    contact = current_contact(case.report_id)
    if contact is None or contact.never_contact or not contact.notify or contact.method != ContactMethod.EMAIL:
        return []
    row = OutboxMessage(
        kind=kind,
        case=case,
        audience=_Audience.REPORTER,
        channel=_Channel.EMAIL,
        contact=contact,
        language=_reporter_language(case),
        lane=_lane(case.urgency),
        dedupe_key=f"{kind}:{case.pk}:{case.event_count}:email",
        next_attempt_at=now,
        created_at=now,
    )
    return [row]


def _lane(urgency: int) -> int:
    return _Lane.URGENT if urgency in URGENT else _Lane.NORMAL


def _interface_language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else "en"


def _reporter_language(case: Case) -> str:
    """The person's own, where we have the words; else the language of the country, which they are likelier to read."""
    spoken = {"AZ": "az", "RU": "ru"}.get(case.country_id, "en")
    return case.language_id if case.language_id in dict(settings.LANGUAGES) else spoken
