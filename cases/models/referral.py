"""A referral: one case offered to one partner, with its own state and clocks; and what the partner says of it."""

from django.db import models
from django.db.models import Q

from cases.workflow import DeclineReason, Outcome, ReferralState, ReturnReason, WithdrawalReason
from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class Referral(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="referrals")
    partner = models.ForeignKey("cases.PartnerOrganisation", on_delete=models.PROTECT, related_name="referrals")
    state = models.CharField(max_length=12, choices=ReferralState)
    round = models.PositiveSmallIntegerField()
    urgency = models.PositiveSmallIntegerField()  # when it was offered: its clocks
    # Copied from the case, which never changes them after an offer, so that lists need no join.
    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey("cases.RoutingDecision", on_delete=models.PROTECT, null=True, related_name="+")
    agreement_version = models.ForeignKey("cases.AgreementVersion", on_delete=models.PROTECT, related_name="+")
    memorandum_version = models.ForeignKey(
        "cases.AgreementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    offered_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    contact_due_at = models.DateTimeField(null=True)
    contact_told = models.PositiveSmallIntegerField(default=0)  # staff: 1 half-way notice given, 2 missed
    contacted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    access_ended_at = models.DateTimeField(null=True)  # of a completed one: when the worker saw that 30 days were over
    decline_reason = models.CharField(max_length=28, choices=DeclineReason, blank=True)
    withdrawal_reason = models.CharField(max_length=24, choices=WithdrawalReason, blank=True)
    return_reason = models.CharField(max_length=28, choices=ReturnReason, blank=True)
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)  # what the partner reported on completion
    note = EncryptedField()  # what the partner wrote when it answered
    # While it is set, another partner still has the case: it is handed over when this one accepts (and may see it).
    takes_over_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    transferred_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "partner", "round"], name="once_per_round"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["accepted", "contacted", "in_service"], takes_over_from__isnull=True),
                name="one_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "updated_at", "id"], name="referral_by_partner"),
            models.Index(fields=["partner", "state", "updated_at", "id"], name="referral_by_state"),
            models.Index(fields=["answer_due_at"], condition=Q(state="offered"), name="referral_answer_due"),
            models.Index(
                fields=["contact_due_at"],
                condition=Q(state="accepted", contact_told__lt=2),
                name="referral_contact_due",
            ),
            models.Index(
                fields=["ended_at", "id"],
                condition=Q(state="completed", access_ended_at__isnull=True),
                name="referral_access_ends",
            ),
        ]


class ReferralUpdate(SealedModel):
    """What a partner said of a case in hand, itself or by telephone to a caseworker (`heard_by`)."""

    class Kind(models.TextChoices):
        PROGRESS = "progress"
        COMPLETED = "completed"
        RETURNED = "returned"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="updates")
    kind = models.CharField(max_length=12, choices=Kind)
    note = EncryptedField()  # for the caseworkers
    next_step = EncryptedField()  # the reporter reads it
    expected_by = models.DateTimeField(null=True)
    heard_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["said_at"]
