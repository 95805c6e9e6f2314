"""Takes up what intake hands over, at once; the sweep takes up what is missed here."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from cases.actions.take_up import log_failure, take_up_report_events
from cases.actions.take_up_new import take_up_new_report
from intake.actions.hand_over import NewReport
from intake.signals import intake_event

UID = "cases.take_up"


def connect() -> None:
    intake_event.connect(take_up_at_once, dispatch_uid=UID)


def take_up_at_once(
    sender: Any, *, report_id: UUID, event_id: int, new: NewReport | None = None, **kwargs: Any
) -> None:
    """The reporter's act is committed already: whatever goes wrong here must not reach them.

    A report that was just written here is taken up as it is in memory; if that is too old by now, it is read.
    """
    now = timezone.now()
    try:
        if new is None or not take_up_new_report(event_id=event_id, new=new, now=now):
            take_up_report_events(report_id=report_id, now=now)
    except Exception as error:  # noqa: BLE001 the sweep tries again
        log_failure(report_id, error)
