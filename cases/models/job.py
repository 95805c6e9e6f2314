"""Long work that a person asked for: a worker takes the row, shows how far it is, and leaves a result of codes."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from intake.references import new_id
from intake.vocabulary import Side


class JobRule(models.Model):
    """Limits of one kind of job, set by the operator."""

    class Kind(models.TextChoices):
        DRY_RUN = "dry_run"

    kind = models.CharField(max_length=16, primary_key=True, choices=Kind)
    most = models.PositiveIntegerField(help_text="cases in one job, the newest first")
    look_back_days = models.PositiveSmallIntegerField(help_text="the longest period that may be asked for")
    keep_days = models.PositiveSmallIntegerField(help_text="after so many days a finished job is deleted")

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most__range=(1, 5000), look_back_days__gt=0, keep_days__gt=0), name="job_rule_not_zero"
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.keep_days)


class Job(models.Model):
    """Parameters and result are codes, ids and numbers. A worker holds a running job by its lease, and by that only."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=JobRule.Kind)
    side = models.CharField(max_length=2, choices=Side)
    asked_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    todo = models.JSONField(default=list)  # ids in the order in which they are worked on
    done = models.PositiveIntegerField(default=0)  # so many of them are in `result`
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=40, blank=True)  # a code
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since it last came further
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False, lease__isnull=True),
                name="job_ended_with_date",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="job_failed_with_code"),
            models.UniqueConstraint(
                fields=["asked_by", "kind"], condition=Q(state__in=["waiting", "running"]), name="one_open_job"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at", "id"], condition=Q(state__in=["waiting", "running"]), name="job_open"),
            models.Index(fields=["side", "kind", "-asked_at"], name="job_by_side"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="job_finished"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}
