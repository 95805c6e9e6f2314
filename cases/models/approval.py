"""What two people must agree to before it happens: the request, and one row for each who agrees (domain.md §10)."""

from django.db import models
from django.db.models import Q

from cases.workflow import TransferReason
from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import Side


class ApprovalKind(models.TextChoices):
    MEMORANDUM = "memorandum"
    PARTNER_AGREEMENT = "partner_agreement"
    CASE_TRANSFER = "case_transfer"


class Needs(models.TextChoices):
    EACH_SIDE = "each_side"  # one person of each side
    TWO_OF_SIDE = "two_of_side"  # two people of the side that owns it


# Not a setting: who could lower it could decide alone.
NEEDS = {
    ApprovalKind.MEMORANDUM: Needs.EACH_SIDE,
    ApprovalKind.PARTNER_AGREEMENT: Needs.TWO_OF_SIDE,
    ApprovalKind.CASE_TRANSFER: Needs.EACH_SIDE,
}


class ApprovalRequest(SealedModel):
    """`change` says in codes, dates and titles of agreements what is to happen; never anything of a person."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"  # and done, in the same transaction
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=ApprovalKind)
    needs = models.CharField(max_length=12, choices=Needs)
    side = models.CharField(max_length=2, choices=Side, blank=True)  # that owns it; empty: both
    subject = models.UUIDField()  # the agreement (also one that is to be made) or the case
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, null=True, related_name="+")
    base = models.PositiveIntegerField(default=0)  # the agreement's newest version when this was asked
    change = models.JSONField(default=dict)
    reason_code = models.CharField(max_length=24, choices=TransferReason, blank=True)
    reason = EncryptedField()  # of a transfer, under the report's key
    asked_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="open"), name="one_open_approval_request"
            ),
            models.CheckConstraint(
                condition=Q(kind="partner_agreement", needs="two_of_side")
                | Q(kind__in=["memorandum", "case_transfer"], needs="each_side"),
                name="approval_needs_fit_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="approval_open_or_decided",
            ),
            models.CheckConstraint(
                condition=(Q(kind="case_transfer", case__isnull=False) & ~Q(side=""))
                | (Q(kind="partner_agreement", case__isnull=True) & ~Q(side=""))
                | Q(kind="memorandum", case__isnull=True, side=""),
                name="approval_subject_fits_kind",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="approval_by_state")]


class Approval(models.Model):
    """One person agrees. Nobody counts twice, and where each side must agree nobody counts for a colleague."""

    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="approvals")
    needs = models.CharField(max_length=12, choices=Needs)  # as the request's, for the constraint
    user = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=2, choices=Side)
    given_at = models.DateTimeField()
    lapsed_at = models.DateTimeField(null=True)  # left, lost the role or knows the person

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="approval_one_per_person"),
            models.UniqueConstraint(
                fields=["request", "side"],
                condition=Q(needs="each_side", lapsed_at__isnull=True),
                name="approval_one_per_side",
            ),
        ]


class ApprovalPeriod(models.Model):
    """How many days a request of this kind may wait before it expires. Without a row it waits for good."""

    kind = models.CharField(max_length=20, choices=ApprovalKind, primary_key=True)
    days = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["kind"]
        constraints = [models.CheckConstraint(condition=Q(days__gt=0), name="approval_period_not_zero")]

    def __str__(self) -> str:
        return self.kind
