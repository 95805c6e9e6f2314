"""A follow-up reminds a person of something on a day and at an hour. It never replaces a clock."""

from django.db import models
from django.db.models import Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class FollowUps(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUps":
        return self.filter(done_at__isnull=True, removed_at__isnull=True)


class FollowUp(SealedModel):
    """`user` is for whom; empty: for whoever is responsible, which with nobody responsible is the person on duty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="follow_ups")
    user = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    text = EncryptedField()
    due_at = models.DateTimeField()
    made_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = FollowUps.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(removed_at__isnull=True), name="follow_up_ends_one_way"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(done_at__isnull=True, removed_at__isnull=True, reminded_at__isnull=True),
                name="follow_up_to_remind",
            ),
            models.Index(
                fields=["user", "due_at", "id"],
                condition=Q(done_at__isnull=True, removed_at__isnull=True),
                name="follow_up_mine",
            ),
            models.Index(
                fields=["case", "due_at"],
                condition=Q(done_at__isnull=True, removed_at__isnull=True),
                name="follow_up_by_case",
            ),
        ]
