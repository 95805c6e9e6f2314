"""Agreements under which data may be shared: the memorandum between the bodies, and those with partners."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from intake.models.reference_data import Labelled
from intake.references import new_id
from intake.vocabulary import Side


class Agreement(models.Model):
    class Kind(models.TextChoices):
        MEMORANDUM = "memorandum"
        PARTNER = "partner"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    side = models.CharField(max_length=2, choices=Side, blank=True)  # empty: between both (the memorandum)
    partner = models.ForeignKey(
        "cases.PartnerOrganisation", on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    under_memorandum = models.BooleanField(default=False)  # else it stands on its own
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="memorandum", partner__isnull=True, side="", under_memorandum=False)
                | (Q(kind="partner", partner__isnull=False) & ~Q(side="")),
                name="agreement_parties_fit_kind",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class AgreementVersion(Labelled):
    """The agreement as it stood; an amendment is a new version. `labels` is the title."""

    class WindDown(models.TextChoices):
        FINISH = "finish"
        HAND_BACK = "hand_back"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField()  # the last valid day, in `timezone`
    timezone = models.CharField(max_length=40)
    countries = models.JSONField(default=list)  # empty = all
    categories = models.JSONField(default=list)  # empty = all
    data_groups = models.JSONField(default=list)
    wind_down = models.CharField(max_length=10, choices=WindDown, default=WindDown.FINISH)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["agreement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="one_version_number"),
            models.CheckConstraint(condition=Q(valid_from__lte=F("valid_until")), name="agreement_ends_after_start"),
            models.CheckConstraint(condition=Q(number__gte=1), name="agreement_versions_from_one"),
            models.CheckConstraint(condition=~Q(timezone=""), name="agreement_has_time_zone"),
        ]

    def local_day(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def is_valid(self, now: datetime) -> bool:
        """In force on this day of the agreement's own time zone."""
        return self.valid_from <= self.local_day(now) <= self.valid_until


class AgreementNotice(models.Model):
    """How many days before the end staff (and the partner) are told. One row a notice (domain.md §7)."""

    days = models.PositiveSmallIntegerField(primary_key=True)

    class Meta:
        ordering = ["-days"]
        constraints = [models.CheckConstraint(condition=Q(days__gt=0), name="agreement_notice_before_the_end")]

    def __str__(self) -> str:
        return str(self.days)
