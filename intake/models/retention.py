"""How long what is kept, and what suspends that: rules are data, holds are set by a supervisor."""

from django.db import models
from django.db.models import Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class RetentionRule(models.Model):
    """Starting values of domain.md §4; the operator sets them. `days` empty: kept until somebody erases it."""

    code = models.CharField(max_length=24, primary_key=True)  # closed | out_of_scope | access_records
    days = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(days__isnull=True) | Q(days__gt=0), name="retention_not_zero")
        ]


class LegalHold(SealedModel):
    """Suspends retention until its end date. The reporter's own erasure it does not touch."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="legal_holds")
    reason = EncryptedField()
    by_ref = models.UUIDField()
    set_at = models.DateTimeField()
    until = models.DateField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by_ref = models.UUIDField(null=True)
