"""The person said something anew: what it changes in the case besides that somebody reads it. A step of take_up."""

from datetime import datetime
from uuid import UUID

from cases.actions import notify
from cases.actions.compute_urgency import REPEAT_WITHIN
from cases.actions.heed_actor import heed_actor_step
from cases.actions.record import SYSTEM, Event, record_events
from cases.actions.urgency_raised import heed_answers_step, reassess_step
from cases.models import Case, OutboxMessage
from intake.actions.publish_status import publish_status
from intake.models import Correction, Report, ReportKey, SafeContact
from intake.queries.same_person import later_reports
from intake.queries.words import answers_of

Part = Correction.Part
Heeded = tuple[list[Event], list[OutboxMessage]]
# What a person wrote is not needed to weigh the answers, and is not carried about.
_NOT_NEEDED = ("story", "identity", "family", "actor_name", "must_not_see_text")


def heed_correction_step(*, case: Case, subject: UUID | None, now: datetime) -> Heeded:
    """What the row `subject` (a Correction or SafeContact) adds: events to record and alarms. Saves no case but others.

    Answers can make the case more urgent. So can a number or address by which the person is now known from other
    reports (rule `repeat`), here and in reports that came later; those cases are locked after this one. Nothing follows
    when the report was erased meanwhile.
    """
    part = Correction.objects.filter(pk__in=[subject]).values_list("part", flat=True).first()
    before = case.state
    heeded: Heeded = ([], [])
    if part == Part.ANSWERS:
        heeded = _heed_answers(case, now)
    elif part is None and SafeContact.objects.filter(pk__in=[subject]).exists():
        heeded = reassess_step(case=case, now=now)
        _reassess_later(case, now)
    if case.state != before:
        publish_status(report_id=case.report_id, code=case.state, expected_by=case.due_at, now=now)
    return heeded


def heed_named_step(*, case: Case, subject: UUID | None, now: datetime) -> None:
    """After the correction was recorded: another alleged actor can be close to a partner. Saves the case if so."""
    if Correction.objects.filter(pk__in=[subject], part=Part.ACTOR_NAME).exists():
        heed_actor_step(case=case, now=now)
        case.save()


def _heed_answers(case: Case, now: datetime) -> Heeded:
    key_row = ReportKey.objects.filter(report_id=case.report_id).first()
    if key_row is None:
        return [], []
    report = Report.objects.defer(*_NOT_NEEDED).get(pk=case.report_id)
    return heed_answers_step(case=case, report=report, answers=answers_of(report, key_row.open()), now=now)


def _reassess_later(case: Case, now: datetime) -> None:
    """Later reports of the same person may be the third now. Their cases have larger ids: the lock order holds."""
    later = later_reports(case.report_id, within=REPEAT_WITHIN)
    cases = Case.objects.select_for_update(no_key=True).filter(report__in=later).order_by("pk") if later else ()
    for other in cases:
        before = other.state
        events, alarm = reassess_step(case=other, now=now)
        if not events:
            continue
        record_events(other, events, by=SYSTEM, now=now)
        other.save()
        if other.state != before:
            publish_status(report_id=other.report_id, code=other.state, expected_by=other.due_at, now=now)
        notify.write_outbox(alarm)
