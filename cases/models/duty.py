"""The duty rota of each side and the alerts that went to it."""

from django.db import models
from django.db.models import F, Q

from intake.vocabulary import Side


class DutyShift(models.Model):
    side = models.CharField(max_length=2, choices=Side)
    user = models.ForeignKey("cases.User", on_delete=models.CASCADE, related_name="duty_shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="shift_ends_after_start")]
        indexes = [models.Index(fields=["side", "ends_at", "starts_at"], name="shift_by_side")]


class DutyAlert(models.Model):
    """One urgent case put before the person on duty; `opened_at` is set when somebody opens the case."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="alerts")
    user = models.ForeignKey("cases.User", on_delete=models.CASCADE, related_name="+")
    step = models.PositiveSmallIntegerField(default=1)  # 1 on duty; 2 the next and the supervisor
    sent_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="one_alert_per_person")]
        indexes = [models.Index(fields=["sent_at"], condition=Q(opened_at__isnull=True), name="alert_unopened")]
