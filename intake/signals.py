"""The one signal of intake: a reporter's act was committed and waits to be taken up."""

from django.dispatch import Signal

intake_event = Signal()  # kwargs: report_id (UUID). Sent after commit; a sweep takes up what a receiver missed.
