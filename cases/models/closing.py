"""A closing that policy lets no one person decide: proposed by one, approved or sent back by a supervisor."""

from django.db import models
from django.db.models import F, Q

from cases.workflow import Outcome
from intake.references import new_id


class ClosingProposals(models.QuerySet["ClosingProposal"]):
    def waiting(self) -> "ClosingProposals":
        return self.filter(approved_at__isnull=True, ended_at__isnull=True)


class ClosingProposal(models.Model):
    """Words of either person are internal notes, under the key of the report."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="closing_proposals")
    outcome = models.CharField(max_length=24, choices=Outcome)
    note = models.ForeignKey("cases.Note", on_delete=models.SET_NULL, null=True, related_name="+")
    proposed_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # sent back, taken back, or overtaken by reopening
    ended_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ClosingProposals.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="closing_two_people"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(approved_at__isnull=True, ended_at__isnull=True),
                name="one_waiting_closing",
            ),
        ]
