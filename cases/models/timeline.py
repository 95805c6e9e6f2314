"""The timeline: one event per move of a case, chained by hash. Rows are only added (append_only); no personal data."""

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


class TimelineAnchor(models.Model):
    """What the timelines were on a day: a hash over every event added since the anchor before, chained to that one.

    Events are taken in the order of their ids, up to `last_event_id`. What it proves and what not: verify_timelines.
    """

    day = models.DateField(primary_key=True)  # UTC
    made_at = models.DateTimeField()
    last_event_id = models.BigIntegerField()
    cases = models.PositiveBigIntegerField()  # opened until then, counted by their first events
    events = models.PositiveBigIntegerField()  # written until then
    added_hash = models.BinaryField(max_length=32)  # over the hashes of the events since the anchor before
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["day"]
