""" "I know this person": this case is out of this staff member's reach, and no reason is asked (domain.md §10)."""

from django.db import models


class Recusal(models.Model):
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="recusals")
    user = models.ForeignKey("cases.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="one_recusal")]
