"""A case merged into another one: its own report, key, consent and page stay; the other case is worked on."""

from django.db import models
from django.db.models import F, Q

from cases.workflow import SeparationReason


class Merges(models.QuerySet["Merge"]):
    def in_force(self) -> "Merges":
        return self.filter(ended_at__isnull=True)


class Merge(models.Model):
    """Ended rows are the history. Neither the reporter nor a partner ever sees one."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    into = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    merged_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")  # NULL: system
    ended_because = models.CharField(max_length=12, choices=SeparationReason, blank=True)

    objects = Merges.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="one_merge"),
            models.CheckConstraint(condition=~Q(case=F("into")), name="merge_not_into_itself"),
        ]
        indexes = [models.Index(fields=["into"], condition=Q(ended_at__isnull=True), name="merge_into")]
