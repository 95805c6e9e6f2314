"""Each try to reach the person, logged with one key. Codes only; whether it was safe is stored as it was then."""

from django.db import models
from django.db.models import Q

from cases.workflow import ContactResult
from intake.references import new_id
from intake.vocabulary import ContactMethod


class ContactAttempt(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="contact_attempts")
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=ContactMethod)
    result = models.CharField(max_length=12, choices=ContactResult)
    was_safe = models.BooleanField()  # by the person's rules, at that moment and by that channel
    by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=~Q(result="left_unread"), name="attempt_is_logged_not_computed")
        ]
        indexes = [models.Index(fields=["case", "at"], name="attempt_by_case")]
