"""Starting values that are data, not code: clocks, urgency rules, routing policy, working hours, holidays."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from intake.models.reference_data import Labelled
from intake.vocabulary import Side


class ClockSetting(models.Model):
    """Hours of the three clocks for one urgency (domain.md §2)."""

    urgency = models.PositiveSmallIntegerField(primary_key=True)
    triage_hours = models.PositiveIntegerField()
    answer_hours = models.PositiveIntegerField()
    contact_hours = models.PositiveIntegerField()

    class Meta:
        ordering = ["urgency"]
        constraints = [
            models.CheckConstraint(condition=Q(urgency__range=(1, 4)), name="clock_urgency_1_to_4"),
            models.CheckConstraint(
                condition=Q(triage_hours__gt=0, answer_hours__gt=0, contact_hours__gt=0), name="clock_not_zero"
            ),
        ]


class UrgencyRule(Labelled):
    """A version of one rule of domain.md §3. Firings keep the version, so old ones stay explainable."""

    code = models.CharField(max_length=24)
    version = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    levels = models.JSONField(null=True, blank=True)  # for rules with several levels
    step_up = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_rule_version")]


class RoutingPolicy(models.Model):
    """Per category and urgency: does the system offer by itself, or propose three to a caseworker."""

    class Mode(models.TextChoices):
        AUTOMATIC = "automatic"
        PROPOSE = "propose"

    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.CASCADE)
    urgency = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=10, choices=Mode)
    without_triage = models.BooleanField(default=False)  # route when nobody confirmed within the triage clock

    class Meta:
        verbose_name_plural = "routing policies"
        ordering = ["category", "urgency"]
        constraints = [
            models.UniqueConstraint(fields=["category", "urgency"], name="one_routing_policy"),
            models.CheckConstraint(condition=Q(urgency__range=(1, 4)), name="policy_urgency_1_to_4"),
        ]


class RoutingSetting(models.Model):
    """A version of weights, prices and reserve (docs/routing.md). The newest active one holds; none is edited."""

    version = models.PositiveIntegerField(primary_key=True)
    definition = models.JSONField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")  # None: shipped
    reason = models.CharField(max_length=200, blank=True)  # why it was entered; about nobody

    class Meta:
        ordering = ["-version"]


class PriceList(models.Model):
    """What a place with each partner was worth at one moment (cases/routing/prices.py). The newest holds.

    `prices`: {partner: [of the last free place, of the last but one, …]}, made every night; `surges`: {partner: price},
    what a wave adds, made anew every quarter of an hour.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    settings_version = models.PositiveIntegerField()
    prices = models.JSONField(default=dict)
    surges = models.JSONField(default=dict)
    surged_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class WorkingHours(models.Model):
    side = models.CharField(max_length=2, choices=Side)
    weekday = models.PositiveSmallIntegerField()  # 0 = Monday
    start = models.TimeField()
    end = models.TimeField()
    timezone = models.CharField(max_length=40)

    class Meta:
        verbose_name_plural = "working hours"
        ordering = ["side", "weekday", "start"]


class Holiday(models.Model):
    country = models.ForeignKey("intake.Country", on_delete=models.CASCADE)
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["country", "date"]
        constraints = [models.UniqueConstraint(fields=["country", "date"], name="one_holiday")]
