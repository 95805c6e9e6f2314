"""Takes up what intake hands over, at once; the sweep takes up what is missed here."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from cases.actions.take_up import log_failure, take_up_report_events
from intake.signals import intake_event

UID = "cases.take_up"


def connect() -> None:
    intake_event.connect(take_up_at_once, dispatch_uid=UID)


def take_up_at_once(sender: Any, *, report_id: UUID, **kwargs: Any) -> None:
    """The reporter's act is committed already: whatever goes wrong here must not reach them."""
    try:
        take_up_report_events(report_id=report_id, now=timezone.now())
    except Exception as error:  # noqa: BLE001 the sweep tries again
        log_failure(report_id, error)
