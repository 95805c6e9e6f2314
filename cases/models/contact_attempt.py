"""Each try to reach the person, by our people or by a partner. Codes only; whether it was safe, as it was then."""

from django.db import models
from django.db.models import Q

from cases.workflow import ContactChannel, ContactResult
from intake.references import new_id


class ContactAttempt(models.Model):
    """`referral`: a partner's own, `by` then who heard of it by telephone (none: it came by the API)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="contact_attempts")
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=ContactChannel)
    result = models.CharField(max_length=12, choices=ContactResult)
    was_safe = models.BooleanField()  # by the person's rules, at that moment and by that channel
    by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    referral = models.ForeignKey("cases.Referral", on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=~Q(result="left_unread"), name="attempt_is_logged_not_computed"),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(referral__isnull=False), name="attempt_is_somebodys"
            ),
            # Said again, by a program that was not sure or by telephone too, it is the same attempt.
            models.UniqueConstraint(
                fields=["referral", "at", "channel", "result"],
                condition=Q(referral__isnull=False),
                name="one_attempt_of_a_partner",
            ),
        ]
        indexes = [models.Index(fields=["case", "at"], name="attempt_by_case")]
