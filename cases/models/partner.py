"""Partner organisations: what they offer, where, in which languages, how much; and their API clients."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from intake.encryption import SystemEncryptedTextField
from intake.references import new_id
from intake.vocabulary import Side


class PartnerPause(models.TextChoices):
    """Why nobody is offered to a partner for a while."""

    NO_CAPACITY = "no_capacity", _("no free places")
    STAFF_AWAY = "staff_away", _("staff away")
    NO_MONEY = "no_money", _("no money for it at present")
    AT_ITS_WISH = "at_its_wish", _("at its own wish, without a reason")
    BEING_REVIEWED = "being_reviewed", _("we are looking into its work")


class PartnerOrganisation(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    body = models.OneToOneField(
        "intake.Body", on_delete=models.PROTECT, related_name="+"
    )  # its name in three languages
    slug = models.SlugField(max_length=60, unique=True)
    side = models.CharField(max_length=2, choices=Side)  # with which it has its agreement
    country = models.ForeignKey("intake.Country", on_delete=models.PROTECT, related_name="+")  # where it works from
    email = models.EmailField()
    phone = SystemEncryptedTextField(default="", blank=True)
    duty_phone = SystemEncryptedTextField(default="", blank=True)  # who answers an urgent case at night
    language = models.CharField(max_length=3, default="en")  # of mails to it
    capacity = models.PositiveIntegerField(default=0)  # cases at a time
    is_active = models.BooleanField(default=True)
    paused_until = models.DateField(null=True, blank=True)  # last day of the pause, in `timezone`
    paused_because = models.CharField(max_length=16, choices=PartnerPause, blank=True)
    timezone = models.CharField(max_length=40)
    around_the_clock = models.BooleanField(default=False)
    working_hours = models.JSONField(default=list)  # [[weekday, "09:00", "18:00"], …]
    closed_days = models.JSONField(default=list)  # its own holidays: [["2026-12-28", "2027-01-08"], …]
    related_bodies = models.JSONField(default=list)  # declared names, for conflict of interest
    version = models.PositiveIntegerField(default=1)  # one more with each edit
    is_demo = models.BooleanField(default=False)
    is_practice = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]
        indexes = [models.Index(fields=["side", "is_active"], name="partner_side_active")]

    def __str__(self) -> str:
        return self.slug

    def name(self, language: str | None = None) -> str:
        return self.body.label(language)


class PartnerEdit(models.Model):
    """Who changed a partner, when, and which facts: names of fields, never what stood in them."""

    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.CASCADE, related_name="edits")
    version = models.PositiveIntegerField()  # of the partner, since this edit
    act = models.CharField(max_length=8, choices=[(act, act) for act in ("added", "edited", "paused", "resumed")])
    changed = models.JSONField(default=list)
    by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["partner", "version"], name="one_edit_per_version")]


class Service(models.Model):
    """What a partner offers for one category."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.CASCADE, related_name="services")
    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.PROTECT, related_name="+")
    subcodes = models.JSONField(default=list)  # empty = all of the category
    age_bands = models.JSONField(default=list)  # empty = all
    genders = models.JSONField(default=list)  # empty = all
    child_safeguarding = models.BooleanField(default=False)  # may work with children
    is_specialised = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "category"], name="one_service_per_category")]
        indexes = [models.Index(fields=["category", "partner"], name="service_by_category")]


class ServiceArea(models.Model):
    """Where a partner works. No region = the whole country."""

    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.CASCADE, related_name="areas")
    country = models.ForeignKey("intake.Country", on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("intake.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_remote = models.BooleanField(default=False)  # helps at a distance: by telephone, in writing

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "country", "region"], name="one_area"),
            models.UniqueConstraint(
                fields=["partner", "country"], condition=Q(region__isnull=True), name="one_whole_country"
            ),
        ]
        indexes = [models.Index(fields=["country", "region"], name="area_by_region")]


class PartnerLanguage(models.Model):
    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.CASCADE, related_name="languages")
    language = models.ForeignKey("intake.Language", on_delete=models.PROTECT, related_name="+")
    by_interpreter = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "language"], name="one_language")]


class PartnerClient(AbstractApplication):
    """An OAuth 2.0 client of one partner (RFC 6749 §4.4). Several per partner: that is how it rotates."""

    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.PROTECT, related_name="clients")
    scopes = models.JSONField(default=list)
    is_practice = models.BooleanField(default=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractApplication.Meta):
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"
        constraints = [
            models.CheckConstraint(
                condition=Q(authorization_grant_type="client-credentials"), name="client_credentials_only"
            )
        ]

    def is_usable(self, request: Any) -> bool:
        """Asked at every request: a revoked client is out at once."""
        return self.revoked_at is None
