"""Numbers that something may not exceed, as the operator has set them (starting values: seeds/data/limits.json)."""

from django.db import models
from django.db.models import Q


class Limit(models.Model):
    """The largest number that is still accepted. Without a row there is no limit."""

    class Code(models.TextChoices):
        WAIT_DAYS = "wait_days"  # from now to the day on which a case that waits for the reporter is looked at again
        DATE_AHEAD_DAYS = "date_ahead_days"  # how far ahead a statutory date may lie: further is a slip of the pen
        DATES_ON_CASE = "dates_on_case"  # statutory dates of one case

    code = models.CharField(max_length=16, primary_key=True, choices=Code)
    most = models.PositiveIntegerField()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(most__gt=0), name="limit_not_zero")]

    def __str__(self) -> str:
        return self.code
