"""Reference data: countries, regions, languages, categories, questions. Operators edit rows; codes never change."""

from django.db import models
from django.utils.translation import get_language


class Labelled(models.Model):
    """A row whose words are kept in every language of the pages: `{"az": …, "ru": …, "en": …}`."""

    labels = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def label(self, language: str | None = None) -> str:
        """The label in `language` (default: the active one), else in English, else the code."""
        wanted = (language or get_language() or "en").partition("-")[0]
        return str(self.labels.get(wanted) or self.labels.get("en") or self.pk)

    def __str__(self) -> str:
        return self.label()


class Direction(Labelled):
    """One of the four directions of the joint work (source: statement 6)."""

    number = models.PositiveSmallIntegerField(primary_key=True)

    class Meta:
        ordering = ["number"]


class Country(Labelled):
    code = models.CharField(max_length=2, primary_key=True)  # ISO 3166-1 alpha-2
    is_stay = models.BooleanField(default=False, db_default=False)  # reports are taken from people staying here
    timezone = models.CharField(max_length=40, blank=True)  # IANA
    neutral_url = models.URLField(blank=True)  # where "leave quickly" goes

    class Meta:
        ordering = ["code"]


class Region(Labelled):
    code = models.CharField(max_length=6, primary_key=True)  # ISO 3166-2
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="regions")
    timezone = models.CharField(max_length=40)  # IANA

    class Meta:
        ordering = ["code"]


class Language(Labelled):
    code = models.CharField(max_length=3, primary_key=True)  # BCP 47 primary subtag
    is_interface = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]


class EmergencyNumber(Labelled):
    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="emergency_numbers")
    number = models.CharField(max_length=10)
    kind = models.CharField(max_length=12)

    class Meta:
        ordering = ["country", "number"]
        constraints = [models.UniqueConstraint(fields=["country", "number"], name="one_emergency_number")]


class TwoRegisters(Labelled):
    """`labels` is what staff read; `reporter_labels` the plain words that a reporter reads."""

    reporter_labels = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def reporter_label(self, language: str | None = None) -> str:
        wanted = (language or get_language() or "en").partition("-")[0]
        return str(self.reporter_labels.get(wanted) or self.label(language))


class ProblemCategory(TwoRegisters):
    code = models.CharField(max_length=3, primary_key=True)
    order = models.PositiveSmallIntegerField(default=0)  # by danger, as the reporter sees them
    default_urgency = models.PositiveSmallIntegerField()
    directions = models.ManyToManyField(Direction, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name_plural = "problem categories"
        constraints = [
            models.CheckConstraint(condition=models.Q(default_urgency__range=(1, 4)), name="category_urgency_1_to_4")
        ]


class ProblemSubcode(TwoRegisters):
    """A finer kind of problem. `urgency` is empty where the category's default holds."""

    category = models.ForeignKey(ProblemCategory, on_delete=models.PROTECT, related_name="subcodes")
    code = models.CharField(max_length=12)
    order = models.PositiveSmallIntegerField(default=0)
    urgency = models.PositiveSmallIntegerField(null=True, blank=True)
    directions = models.ManyToManyField(Direction, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["category", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["category", "code"], name="one_subcode"),
            models.CheckConstraint(
                condition=models.Q(urgency__isnull=True) | models.Q(urgency__range=(1, 4)),
                name="subcode_urgency_1_to_4",
            ),
        ]


class QuestionSet(models.Model):
    """A version of the questions of the form. Only the newest active version is asked; a report keeps its number."""

    version = models.PositiveIntegerField(primary_key=True)
    definition = models.JSONField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]


class ConsentText(models.Model):
    """A version of the words with which consent is asked, in every language."""

    version = models.PositiveIntegerField(primary_key=True)
    definition = models.JSONField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
