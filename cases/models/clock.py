"""What moves a case's clocks beyond their hours: pauses while the person is asked, and dates that the law sets."""

from django.db import models
from django.db.models import F, Q

from cases.workflow import DateKind, PauseReason
from intake.references import new_id


class ClockPause(models.Model):
    """A time in which the clocks of a case stood still. `state` and the clock are where the case came from."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=20, choices=PauseReason)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    # Then it goes on by itself; while the person is asked for consent, somebody of ours looks at it.
    look_again_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=24)
    wait_due_at = models.DateTimeField(null=True)
    wait_kind = models.CharField(max_length=12, blank=True)
    wait_told = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey("cases.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(until_at__isnull=True), name="one_open_pause"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")), name="pause_ends_after_start"
            ),
            models.CheckConstraint(  # nothing sleeps for ever
                condition=Q(until_at__isnull=False) | Q(look_again_at__isnull=False), name="open_pause_has_its_day"
            ),
        ]


class CaseDate(models.Model):
    """A date that the law or an authority has set; it runs out at the end of that day where the person is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="case_dates")
    kind = models.CharField(max_length=8, choices=DateKind)
    date = models.DateField()
    ends_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # when it is looked at again: a reminder, a step of the urgency, its end
    told_at = models.DateTimeField(null=True)  # the last reminder
    entered_at = models.DateTimeField()
    # None: the person said it in the questions.
    entered_by = models.ForeignKey("cases.User", on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("cases.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["date", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "date"], condition=Q(withdrawn_at__isnull=True), name="one_date_of_a_kind"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(withdrawn_at__isnull=True, next_at__isnull=False), name="date_next"
            )
        ]
