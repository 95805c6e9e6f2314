"""Takes up a report in the moment after its commit, in the process that wrote it: nothing is read back."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cases.actions.open_case import open_case_step
from cases.actions.take_up import put_off
from intake.actions.hand_over import NewReport
from intake.compiled import Update
from intake.models import IntakeEvent
from intake.vocabulary import ConsentAnswer


def take_up_new_report(*, event_id: int, new: NewReport, now: datetime) -> bool:
    """Opens the case from what is in memory; False when the event is not for us: read the rows then.

    One conditional UPDATE claims the event, and its row count says who won: a sweep that came first has taken it up or
    put it off, and after any later act of the person the report in memory is too old. What comes after the claim waits
    for it in the event's order. Raises what opening the case raises, after having put the event off.
    """
    is_ours = False
    try:
        with transaction.atomic(durable=True):
            is_ours = _claim(event_id, now)
            if not is_ours:
                return False
            share = new.share or ConsentAnswer.ASK_FIRST
            open_case_step(report=new.report, answers=new.answers, share=share, now=now, is_indexed=new.is_indexed)
            return True
    except Exception:
        if is_ours:
            put_off(event_id, 0, now)
        raise


def _claim(event_id: int, now: datetime) -> bool:
    return _take(event_id=event_id, now=now) == 1


def _untouched(event_id: int) -> QuerySet[IntakeEvent]:
    later = IntakeEvent.objects.filter(report_id=OuterRef("report_id"), pk__gt=OuterRef("pk"))
    return IntakeEvent.objects.filter(~Exists(later), pk=event_id, taken_up_at__isnull=True, attempts=0)


_SOME = datetime(2026, 1, 1, tzinfo=UTC)
_take = Update(_untouched, sets={"taken_up_at": "now"}, event_id=(1, 2), now=(_SOME, _SOME + timedelta(1)))
