"""The report: what arrived, in the reporter's own words. Never edited."""

from django.db import models

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import About, ActorKind, AgeBand, Channel, ErasedBecause, Handler


class Report(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=12, unique=True)  # its case carries the same
    code_hash = models.BinaryField(max_length=32, unique=True, null=True)  # NULL once erased
    submission_key = models.BinaryField(max_length=32, unique=True, null=True)  # keyed hash: a repeat is this report
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=Channel)
    source_ref = models.UUIDField(null=True)  # opaque: the API client or caseworker who filed it
    questions_version = models.PositiveIntegerField(null=True)

    language = models.ForeignKey("intake.Language", on_delete=models.PROTECT)
    country = models.ForeignKey("intake.Country", on_delete=models.PROTECT)
    region = models.ForeignKey("intake.Region", on_delete=models.PROTECT, null=True)
    citizenship = models.CharField(max_length=2, blank=True)  # ISO 3166-1; "XX" stateless; empty not asked
    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.PROTECT)
    subcode = models.CharField(max_length=12, blank=True)
    about = models.CharField(max_length=5, choices=About, default=About.ME)
    subject_unaware = models.BooleanField(default=False)  # the person concerned does not know
    age_band = models.CharField(max_length=8, choices=AgeBand, blank=True)
    handler = models.CharField(max_length=3, choices=Handler, blank=True)
    actor_kind = models.CharField(max_length=12, choices=ActorKind, blank=True)

    answers = EncryptedField()  # object: the six questions and their follow-ups
    story = EncryptedField()  # text
    identity = EncryptedField()  # object: name, birth_date, …
    family = EncryptedField()  # text
    actor_name = EncryptedField()  # text: who is said to have done it
    must_not_see_text = EncryptedField()  # text: bodies that are not in the list
    must_not_see = models.ManyToManyField("intake.Body", blank=True)

    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    erased_because = models.CharField(max_length=10, choices=ErasedBecause, blank=True)
    erased_everywhere_on = models.DateField(null=True)  # when the last snapshot that still held it has been overwritten

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="report_received")]

    def __str__(self) -> str:
        return self.reference
