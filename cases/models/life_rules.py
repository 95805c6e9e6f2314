"""Rules of a case's life that are data: whose closing two people decide, when contact is lost, when to look again."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.workflow import Outcome


class ClosingPolicy(models.Model):
    """Closing with this category and outcome needs a supervisor. Empty means every one; one line that fits suffices."""

    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.CASCADE, null=True, blank=True)
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "closing policies"
        ordering = ["category", "outcome"]
        constraints = [
            models.UniqueConstraint(fields=["category", "outcome"], name="one_closing_policy"),
            models.UniqueConstraint(
                fields=["outcome"],
                condition=Q(category__isnull=True),
                name="one_closing_policy_for_all",
                violation_error_message=_("There is such a line already."),
            ),
        ]


class LostContactRule(models.Model):
    """How often and on how many days somebody must have been tried before contact counts as lost (domain.md §5)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    attempts = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()  # different ones, in the person's zone
    unread_hours = models.PositiveSmallIntegerField()  # after which a message left unread is an attempt

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_lost_contact_rule"),
            models.CheckConstraint(
                condition=Q(attempts__gt=0, days__gt=0, unread_hours__gt=0),
                name="lost_contact_not_zero",
                violation_error_message=_("None of these can be zero."),
            ),
            models.CheckConstraint(
                condition=Q(days__lte=F("attempts")),
                name="lost_contact_days_within_attempts",
                violation_error_message=_("There cannot be more days than attempts."),
            ),
        ]


class ReviewClock(models.Model):
    """After how many hours somebody looks again, by urgency: at a case that our own people work on, and at one whose
    person has not answered yet whether a partner may see it."""

    urgency = models.PositiveSmallIntegerField(primary_key=True)
    hours = models.PositiveIntegerField()

    class Meta:
        ordering = ["urgency"]
        constraints = [
            models.CheckConstraint(condition=Q(urgency__range=(1, 4)), name="review_urgency_1_to_4"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="review_not_zero"),
        ]
