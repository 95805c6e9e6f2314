"""The timeline: one event per move of a case, chained by hash. Rows are only added; no personal data in them."""

from django.db import models


class TimelineEvent(models.Model):
    class Actor(models.TextChoices):
        REPORTER = "reporter"
        STAFF = "staff"
        PARTNER = "partner"
        SYSTEM = "system"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="timeline")
    sequence = models.PositiveIntegerField()
    code = models.CharField(max_length=32)
    actor = models.CharField(max_length=8, choices=Actor)
    actor_ref = models.UUIDField(null=True)
    details = models.JSONField(default=dict)  # codes, ids and numbers
    at = models.DateTimeField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["case", "sequence"]
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="one_event_per_place")]
