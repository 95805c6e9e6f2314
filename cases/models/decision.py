"""A routing decision with its explanation: why this partner, why not each other one. Codes, ids and numbers only."""

from django.db import models

from intake.references import new_id


class RoutingDecision(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="decisions")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    mode = models.CharField(max_length=10)  # automatic | propose | override
    rules_version = models.CharField(max_length=40)
    ranked = models.JSONField(default=list)  # [{"partner": id, "score": n, "parts": {…}}], best first
    rejected = models.JSONField(default=list)  # [{"partner": id, "reasons": [code, …]}]
    chosen = models.JSONField(default=list)  # partner ids that were offered the case or proposed
    confirmed_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-at"], name="decision_by_case")]
