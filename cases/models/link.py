"""What two cases of one side have in common. Codes only: never what is alike, only which kind of thing."""

from django.db import models
from django.db.models import F, Q

from cases.workflow import LinkGround, LinkKind, LinkState
from intake.references import new_id


class CaseLink(models.Model):
    """One row for a pair and a kind, `first` being the case with the smaller id. The timelines of both keep history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=14, choices=LinkKind)
    state = models.CharField(max_length=10, choices=LinkState)
    ground = models.CharField(max_length=18, choices=LinkGround, blank=True)  # empty: a person saw it without us
    strength = models.PositiveSmallIntegerField(default=0)
    suggested_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_in_order"),
            models.UniqueConstraint(fields=["first", "second", "kind"], name="one_link_of_a_kind"),
            models.CheckConstraint(
                condition=Q(state=LinkState.SUGGESTED, decided_at__isnull=True)
                | (~Q(state=LinkState.SUGGESTED) & Q(decided_at__isnull=False)),
                name="link_decided_or_suggested",
            ),
        ]
