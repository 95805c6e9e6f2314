"""Who is responsible for a case, with history."""

from django.db import models
from django.db.models import Q


class Assignment(models.Model):
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="one_responsible")
        ]
