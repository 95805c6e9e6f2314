"""Hand-over to cases: one row per act of a reporter, written in the act's own transaction."""

from django.db import models

from intake.vocabulary import IntakeEventKind


class IntakeEvent(models.Model):
    id = models.BigAutoField(primary_key=True)  # order of the acts of one report
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=IntakeEventKind)
    subject = models.UUIDField(null=True)  # the row it is about (a message, a consent request), never content
    at = models.DateTimeField()
    taken_up_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)  # after a failed attempt: try again then

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(taken_up_at__isnull=True), name="event_waiting"),
            models.Index(fields=["report", "id"], name="event_by_report"),
        ]
