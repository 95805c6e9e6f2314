"""Starting values that are data, not code: clocks, urgency rules, routing policy, working hours, holidays."""

from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.urgency import faults_of
from cases.workflow import LinkKind
from intake.models.reference_data import Labelled, ProblemCategory
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


class TimingRule(models.Model):
    """When people are told again. `steps` are positive whole numbers, in the unit that the code names."""

    class Code(models.TextChoices):
        DUTY_MINUTES = "duty_minutes"  # an alarm nobody opens goes further after so many; the last one repeats
        DATE_DAYS = "date_days"  # staff are reminded of a statutory date so many days before its end

    code = models.CharField(max_length=16, primary_key=True, choices=Code)
    steps = models.JSONField(default=list)

    class Meta:
        ordering = ["code"]


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

    def clean(self) -> None:
        """A rule that the program knows, and that can fire as it is meant."""
        words = {
            "code": _("The program knows no such rule."),
            "level": _("Give a level from 1 to 4, here or in a grade, or one step up."),
            "levels": _("A list of grades with the conditions of this rule and whole numbers above zero."),
        }
        if faults := faults_of(self.code, self.level, self.step_up, self.levels):
            raise ValidationError({name: words[name] for name in faults})


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
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_0_to_6"),
            # 00:00–00:00 is the whole day; any other period as long as nothing is a mistake.
            models.CheckConstraint(condition=~Q(start=F("end")) | Q(start=time(0)), name="hours_not_empty"),
        ]


class Holiday(models.Model):
    country = models.ForeignKey("intake.Country", on_delete=models.CASCADE)
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["country", "date"]
        constraints = [models.UniqueConstraint(fields=["country", "date"], name="one_holiday")]


class LinkRule(models.Model):
    """When the system suggests that two cases belong together, one row for each kind of link."""

    kind = models.CharField(max_length=14, primary_key=True, choices=LinkKind)
    is_active = models.BooleanField(default=True)
    most = models.PositiveSmallIntegerField(help_text="suggestions for one case, the strongest first")
    look_back_days = models.PositiveSmallIntegerField(help_text="older reports are left out")
    shared_by_at_most = models.PositiveSmallIntegerField(help_text="what more reports share than this says nothing")
    apart_days = models.PositiveSmallIntegerField(default=0, help_text="same incident: so many days may lie between")
    families = models.JSONField(
        default=list, blank=True, help_text='same incident: categories that can be one event, [["DET", "POL"], …]'
    )

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_rule_of_a_kind"),
            models.CheckConstraint(condition=Q(most__range=(1, 50)), name="link_rule_most_1_to_50"),
            models.CheckConstraint(
                condition=Q(look_back_days__gt=0, shared_by_at_most__range=(1, 1000)), name="link_rule_not_zero"
            ),
        ]

    def clean(self) -> None:
        """Families of known categories, each category in one of them."""
        lists = isinstance(self.families, list) and all(isinstance(family, list) for family in self.families)
        codes = [code for family in self.families for code in family] if lists else []
        known = set(ProblemCategory.objects.values_list("code", flat=True))
        if not lists or len(codes) != len(set(map(str, codes))) or not set(map(str, codes)) <= known:
            raise ValidationError({"families": _("Lists of known category codes, each code once.")})
