"""The one signal of intake: a reporter's act was committed and waits to be taken up."""

from django.dispatch import Signal

# kwargs: report_id (UUID), event_id (int), new (NewReport, of a report that was just written, else None). Sent after
# commit; a sweep takes up what a receiver missed.
intake_event = Signal()
