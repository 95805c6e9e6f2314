"""Said openly: a public category that no partner could take when it was switched on."""

from django.db import models


class UncoveredCategory(models.Model):
    """An operator switched the category on and said that our own people will do the work. Kept, never changed."""

    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.PROTECT, related_name="+")
    said_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["-said_at"]
