"""Notifications to be sent, and each attempt to send one. Ids and codes only."""

from django.db import models
from django.db.models import Q

from intake.references import new_id


class OutboxMessage(models.Model):
    class Audience(models.TextChoices):
        STAFF = "staff"
        PARTNER = "partner"
        REPORTER = "reporter"

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"
        SMS = "sms"

    class Lane(models.IntegerChoices):
        URGENT = 1
        NORMAL = 2
        BULK = 3

    class State(models.TextChoices):
        DUE = "due"
        IN_FLIGHT = "in_flight"
        SENT = "sent"
        DEAD = "dead"  # given up, listed in the console, replayable
        CANCELLED = "cancelled"  # consent or safe contact no longer allows it; never sent

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)  # the same on every repeat
    kind = models.CharField(max_length=32)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, null=True, related_name="outbox")
    referral = models.ForeignKey("cases.Referral", on_delete=models.CASCADE, null=True, related_name="+")
    audience = models.CharField(max_length=8, choices=Audience)
    channel = models.CharField(max_length=8, choices=Channel)
    user = models.ForeignKey("cases.User", on_delete=models.CASCADE, null=True, related_name="+")
    partner = models.ForeignKey("cases.PartnerOrganisation", on_delete=models.CASCADE, null=True, related_name="+")
    endpoint = models.ForeignKey("cases.WebhookEndpoint", on_delete=models.CASCADE, null=True, related_name="+")
    # Erasure deletes the contact; that we wrote to somebody, and when, stays. Without a contact nothing is sent.
    contact = models.ForeignKey("intake.SafeContact", on_delete=models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=3)
    params = models.JSONField(default=dict)  # codes, ids and numbers for the text
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.NORMAL)
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_result = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["lane", "next_attempt_at", "id"], condition=Q(state="due"), name="outbox_due"),
            models.Index(fields=["lease_until"], condition=Q(state="in_flight"), name="outbox_in_flight"),
            models.Index(fields=["state", "-created_at"], name="outbox_by_state"),
        ]


class Delivery(models.Model):
    """One attempt to send one message."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="deliveries")
    attempt = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    result = models.CharField(max_length=32)  # sent, refused, timeout, http_500, not_allowed_now, …
    is_success = models.BooleanField()
    response_code = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "attempt"], name="one_delivery_per_attempt")]
