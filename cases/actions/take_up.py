"""Takes up what reporters did: each IntakeEvent exactly once, in order per report, whoever comes first.

At once by the receiver, and by the sweep for what was missed. The locks of one report's event and row decide between
two that come at the same moment; on SQLite, whose transactions begin IMMEDIATE, the second simply waits.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from cases.actions import notify
from cases.actions.forget_links import forget_links_step
from cases.actions.forget_words import forget_words_step
from cases.actions.heed_consent import heed_answer_step, heed_consent_step, take_back_step
from cases.actions.heed_correction import heed_correction_step, heed_named_step
from cases.actions.open_case import open_case_step
from cases.actions.pause_clocks import after_word_step
from cases.actions.record import REPORTER, Event, record_events
from cases.models import Case
from cases.queries.complained_of import concerned
from cases.workflow import ENDED_CASES
from intake.compiled import Rows
from intake.models import BlindIndex, Complaint, Consent, IntakeEvent, Report, ReportKey
from intake.queries.same_person import SURE
from intake.vocabulary import ConsentAnswer, IntakeEventKind

logger = logging.getLogger(__name__)

Step = Callable[[IntakeEvent, datetime], None]

LONGEST_PAUSE = timedelta(hours=1)
# What a person wrote is not needed to open the case, and is not carried about.
_NOT_NEEDED = ("story", "identity", "family", "actor_name", "must_not_see_text")


def take_up_report_events(*, report_id: UUID, now: datetime) -> int:
    """Takes up all waiting events of the report and returns how many.

    Stops at one that is being taken up elsewhere or waits after a failure: later ones must not overtake it. Raises what
    a failing step raises, after having put that event off (1 s, doubled at each failure, at most an hour).
    """
    taken = 0
    while True:
        done, are_more = _take_up_next(report_id, now)
        taken += done
        if not are_more:
            return taken


def waiting_reports(*, now: datetime, limit: int = 100) -> list[UUID]:
    """Reports whose first waiting event may be taken up now, longest waiting first."""
    waiting = IntakeEvent.objects.filter(taken_up_at__isnull=True)
    earlier = waiting.filter(report_id=OuterRef("report_id"), pk__lt=OuterRef("pk"))
    first = waiting.filter(~Exists(earlier), Q(not_before__isnull=True) | Q(not_before__lte=now))
    return list(first.order_by("pk").values_list("report_id", flat=True)[:limit])


def take_up_waiting(*, now: datetime, limit: int = 100) -> int:
    """The sweep: takes up what waits, report by report, and returns how many events. One failure stops no other."""
    taken = 0
    for report_id in waiting_reports(now=now, limit=limit):
        try:
            taken += take_up_report_events(report_id=report_id, now=now)
        except Exception as error:  # noqa: BLE001 whatever is wrong with this report must not stop the others
            log_failure(report_id, error)
    return taken


def log_failure(report_id: UUID, error: Exception) -> None:
    """The report's id, the kind of error and the place: what the error says could hold a person's words."""
    place = extract_tb(error.__traceback__)[-1]
    kind = type(error).__name__
    logger.error("report %s was not taken up: %s at %s:%s", report_id, kind, Path(place.filename).name, place.lineno)


def _take_up_next(report_id: UUID, now: datetime) -> tuple[int, bool]:
    """Whether the first waiting event was taken up, and whether there are more."""
    event: IntakeEvent | None = None
    try:
        with transaction.atomic(durable=True):
            event, are_more = _claim(report_id, now)
            if event is None:
                return 0, False
            _STEPS[event.kind](event, now)
            IntakeEvent.objects.filter(pk=event.pk).update(taken_up_at=now)
            return 1, are_more
    except Exception:
        if event is not None:
            put_off(event.pk, event.attempts, now)
        raise


def _claim(report_id: UUID, now: datetime) -> tuple[IntakeEvent | None, bool]:
    """Locks the first waiting event and its report, with all that opening a case needs, in one statement.

    Both rows are locked: the report, so that a twin cannot skip to the second event; the event, so that PostgreSQL
    looks again at one that was taken up between the twin's snapshot and its lock. take_up_new.py locks the event alone:
    while it is at work the first event is passed over here, and what comes after it is not the first.
    """
    event: Any = _first_waiting.first(report=report_id)
    if event is None or (event.not_before is not None and event.not_before > now):
        return None, False
    return event, event.are_more


def _waiting_first(report: UUID) -> QuerySet[IntakeEvent]:
    key = ReportKey.objects.filter(report_id=OuterRef("report_id"))
    share = Consent.objects.filter(
        report_id=OuterRef("report_id"), question=Consent.Question.SHARE, recipient__isnull=True
    ).order_by("-given_at", "-id")
    unheeded = IntakeEvent.objects.filter(report_id=OuterRef("report_id"), taken_up_at__isnull=True)
    return (
        IntakeEvent.objects.filter(~Exists(unheeded.filter(pk__lt=OuterRef("pk"))))
        .filter(report_id=report, taken_up_at__isnull=True)
        .select_related("report")
        .defer(*(f"report__{name}" for name in _NOT_NEEDED))
        .annotate(
            key_master=Subquery(key.values("master")),
            key_wrapped=Subquery(key.values("wrapped")),
            share=Subquery(share.values("answer")[:1]),
            is_indexed=Exists(BlindIndex.objects.filter(report_id=OuterRef("report_id"), kind__in=SURE)),
            are_more=Exists(unheeded.filter(pk__gt=OuterRef("pk"))),
        )
        .select_for_update(skip_locked=True, no_key=True, of=("self", "report"))
        .order_by("pk")[:1]
    )


_first_waiting = Rows(_waiting_first, report=(UUID(int=1), UUID(int=2)))


def put_off(event_id: int, attempts: int, now: datetime) -> None:
    """After a failure: the event, and with it all later ones of its report, waits twice as long as the last time."""
    pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
    IntakeEvent.objects.filter(pk=event_id, taken_up_at__isnull=True).update(
        attempts=F("attempts") + 1, not_before=now + pause
    )


# --- one step for each kind -------------------------------------------------------------------------------------------


def _submitted(event: Any, now: datetime) -> None:
    if event.attempts and Case.objects.filter(report_id=event.report_id).exists():
        return
    answers = _answers(event)
    share = event.share or ConsentAnswer.ASK_FIRST
    open_case_step(report=event.report, answers=answers, share=share, now=now, is_indexed=event.is_indexed)


def _answers(event: Any) -> Mapping[str, Any]:
    """Empty when the report was erased before anybody saw it: its case is counted all the same."""
    if event.key_wrapped is None:
        return {}
    key = ReportKey(report_id=event.report_id, master=event.key_master, wrapped=event.key_wrapped).open()
    report: Report = event.report
    return report.unseal(key, "answers") or {}


def _consent(event: IntakeEvent, now: datetime) -> None:
    case = _locked_case(event)
    if event.subject is None:
        heed_consent_step(case=case, now=now)
    else:
        heed_answer_step(case=case, request_id=event.subject, now=now)


def _taken_back(event: IntakeEvent, now: datetime) -> None:
    case, is_erased = _locked_case(event), event.kind == IntakeEventKind.ERASED
    take_back_step(case=case, is_erased=is_erased, now=now)
    forget_links_step(case=case, is_erased=is_erased, now=now)
    if is_erased:
        forget_words_step(case=case, now=now)


# Done after the end, these put the case before our people again. A complaint goes to supervisors by its own way.
_ASKS_ANEW = frozenset({IntakeEventKind.MESSAGE, IntakeEventKind.FILE, IntakeEventKind.CORRECTED})


def _noted(code: str) -> Step:
    """Acts that change nothing in the case by themselves: a person reads the timeline."""

    def step(event: IntakeEvent, now: datetime) -> None:
        case = _locked_case(event)
        _record(case, event, code, now, *after_word_step(case, now))

    return step


def _message(event: IntakeEvent, now: datetime) -> None:
    case = _locked_case(event)
    _record(case, event, "message_received", now, *after_word_step(case, now))
    notify.write_outbox(notify.reporter_wrote(case, now))


def _corrected(event: IntakeEvent, now: datetime) -> None:
    """What was said anew can make the case more urgent or a partner unfit; whatever it is, a person reads it."""
    case = _locked_case(event)
    case.compared_at = None  # another name, number or date can belong to other cases
    went_on = after_word_step(case, now)
    raised, alarm = heed_correction_step(case=case, subject=event.subject, now=now)
    _record(case, event, "report_corrected", now, *went_on, *raised)
    notify.write_outbox([*alarm, *notify.reporter_wrote(case, now)])
    heed_named_step(case=case, subject=event.subject, now=now)


def _complaint(event: IntakeEvent, now: datetime) -> None:
    """To supervisors alone. The words stay where they are."""
    case = _locked_case(event)
    _record(case, event, "complaint_received", now)
    made = list(Complaint.objects.filter(pk__in=[event.subject]).defer("text"))
    concerns = frozenset[UUID]().union(*concerned(made).values())
    notify.write_outbox(notify.complaint(case, now, concerns=concerns))


def _record(case: Case, event: IntakeEvent, code: str, now: datetime, *more: Event) -> None:
    details = {"subject": event.subject} if event.subject else {}
    if case.state in ENDED_CASES and event.kind in _ASKS_ANEW:
        case.wrote_again_at = now  # a list of its own until somebody reopens it, answers, or leaves it so
    record_events(case, [Event(code, details), *more], by=REPORTER, now=now)
    case.save()


def _locked_case(event: IntakeEvent) -> Case:
    return Case.objects.select_for_update(no_key=True).get(report_id=event.report_id)


_STEPS: Mapping[str, Step] = {
    IntakeEventKind.SUBMITTED: _submitted,
    IntakeEventKind.CONSENT: _consent,
    IntakeEventKind.WITHDRAWN: _taken_back,
    IntakeEventKind.ERASED: _taken_back,
    IntakeEventKind.MESSAGE: _message,
    IntakeEventKind.FILE: _noted("file_added"),
    IntakeEventKind.CORRECTED: _corrected,
    IntakeEventKind.COMPLAINT: _complaint,
}
