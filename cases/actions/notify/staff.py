"""Notices to our own people: codes and ids, never words about a person. Unsaved rows; the caller writes them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from cases.models import Case, OutboxMessage, User
from cases.queries import duty
from cases.queries.agreement_ends import Ending
from cases.queries.duty import StaffMember
from cases.queries.merges import who_answers
from intake.vocabulary import Side

from .outbox import interface_language, lane_of

_Audience, _Channel, _Lane = OutboxMessage.Audience, OutboxMessage.Channel, OutboxMessage.Lane
WROTE_EVERY = timedelta(hours=1)


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
    people = duty.people_to_tell(case.side, now, responsible_id=who_answers(case), case_id=case.pk)
    occasion = f":{case.event_count}"
    lane = lane_of(case.urgency)
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
    return _to_staff("complaint", case, people, now, lane=lane_of(case.urgency), occasion=f":{case.event_count}")


def _supervisor_missing(case: Case, what: str, now: datetime) -> list[OutboxMessage]:
    """Administrators see no person, so the notice belongs to no case and says nothing of one."""
    return [
        OutboxMessage(
            kind="supervisor_missing",
            audience=_Audience.STAFF,
            channel=_Channel.EMAIL,
            user_id=person.id,
            language=interface_language(person.language),
            params={"side": case.side, "what": what},
            lane=lane_of(case.urgency),
            dedupe_key=f"supervisor_missing:{case.pk}:{case.event_count}:{person.id}:email",
            next_attempt_at=now,
            created_at=now,
        )
        for person in duty.administrators(case.side)
    ]


def transfer_waits(case: Case, now: datetime) -> list[OutboxMessage]:
    """A transfer is asked for: to the supervisors of both sides, except those who know the person. Call it after
    recording the event. Two look-ups."""
    people = [person for side in Side.values for person in duty.supervisors(side, now, case_id=case.pk)]
    return _to_staff("transfer_waits", case, people, now, lane=lane_of(case.urgency), occasion=f":{case.event_count}")


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
            language=interface_language(person.language),
            dedupe_key=f"agreement_ending:{occasion}:{person.id}",
        )
        for person in duty.agreement_people(sides)
    ]
    if agreement.partner is not None and agreement.partner.is_active:
        own = row(
            kind="own_agreement_ending",
            audience=_Audience.PARTNER,
            partner=agreement.partner,
            language=interface_language(agreement.partner.language),
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


def vital_interest_asked(case: Case, asker_id: UUID, now: datetime) -> list[OutboxMessage]:
    """To the supervisors who may decide: a life may depend on it, so it overtakes everything. With nobody left the
    administrators hear that one is missing. Call it after recording the event."""
    people = [person for person in duty.supervisors(case.side, now, case_id=case.pk) if person.id != asker_id]
    if not people:
        return _supervisor_missing(case, "vital_interest", now)
    occasion = f":{case.event_count}"
    return _to_staff("vital_interest_asked", case, people, now, lane=_Lane.URGENT, occasion=occasion)


def closing_sent_back(case: Case, proposer_id: UUID, now: datetime) -> list[OutboxMessage]:
    """To the one who proposed it; if they have left, to whoever has the case. Call it after recording the event."""
    people = duty.people_to_tell(case.side, now, responsible_id=proposer_id, case_id=case.pk)
    return _to_staff("closing_sent_back", case, people, now, lane=_Lane.NORMAL, occasion=f":{case.event_count}")


def follow_up(
    case: Case, follow_up_id: UUID, due_at: datetime, user: User | None, now: datetime
) -> list[OutboxMessage]:
    """That something is to be followed up, and never what. Without a user to whoever has the case, else on duty. The
    hour names the occasion: one that was moved reminds again."""
    responsible_id = user.pk if user else case.responsible_id
    people = duty.people_to_tell(case.side, now, responsible_id=responsible_id, case_id=case.pk)
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


_TO_EVERY_SUPERVISOR = frozenset({"complaint", "closing_proposed", "transfer_waits", "vital_interest_asked"})


def passed_on(message: OutboxMessage, now: datetime) -> list[OutboxMessage]:
    """The same notice for whoever is to hear of the case now: its reader left, knows the person, or the case went to
    the other side since it was written. Who has been told already is not told twice."""
    case = message.case
    if case is None or message.audience != _Audience.STAFF or message.kind in _TO_EVERY_SUPERVISOR:
        return []
    people = duty.people_to_tell(case.side, now, responsible_id=who_answers(case), case_id=case.pk)
    rows = _to_staff(message.kind, case, people, now, lane=message.lane, occasion="")
    for row in rows:
        row.params = dict(message.params)
        row.dedupe_key = message.dedupe_key.replace(str(message.user_id), str(row.user_id))
    return rows


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
    return _to_staff(kind, case, people, now, lane=lane_of(case.urgency), occasion=f":{case.event_count}", **params)


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
            language=interface_language(person.language),
            params={"reference": case.reference, "urgency": case.urgency, **params},
            lane=lane,
            dedupe_key=f"{kind}:{case.pk}{occasion}:{person.id}:email",
            next_attempt_at=now,
            created_at=now,
        )
        for person in people
    ]
