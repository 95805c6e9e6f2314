"""A partner's ordered changes. Rows are written unnumbered and numbered in a short statement afterwards."""

from django.db import models
from django.db.models import Q


class FeedHead(models.Model):
    """The lock and the last number of one partner's feed."""

    partner = models.OneToOneField("cases.PartnerOrganisation", on_delete=models.CASCADE, primary_key=True)
    last_number = models.BigIntegerField(default=0)


class PartnerChange(models.Model):
    id = models.BigAutoField(primary_key=True)
    partner = models.ForeignKey("cases.PartnerOrganisation", on_delete=models.CASCADE, related_name="+")
    number = models.BigIntegerField(null=True)  # only numbered rows are served
    kind = models.CharField(max_length=32)  # referral.offered, referral.accepted, …
    referral = models.ForeignKey("cases.Referral", on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=28, blank=True)
    is_tombstone = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "number"], condition=Q(number__isnull=False), name="one_number")
        ]
        indexes = [models.Index(fields=["partner", "id"], condition=Q(number__isnull=True), name="change_unnumbered")]
