"""Consent as it was given: who may see what, asked in which words, when and how. Rows are only added."""

from django.db import models

from intake.references import new_id
from intake.vocabulary import ConsentAnswer, DataGroup, Voice


class Consent(models.Model):
    """One answer. The newest row for the same question and recipient is the one in force."""

    class Question(models.TextChoices):
        SHARE = "share"  # answer: any | ask_first | none
        CROSS_BORDER = "cross_border"  # answer: yes | no
        GROUP = "group"  # answer: yes | no, for `data_group`

    class How(models.TextChoices):
        FORM = "form"
        MAILBOX = "mailbox"
        VERBAL = "verbal"
        API = "api"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="consents")
    question = models.CharField(max_length=12, choices=Question)
    data_group = models.CharField(max_length=10, choices=DataGroup, blank=True)
    recipient = models.ForeignKey(
        "intake.Body", on_delete=models.PROTECT, null=True
    )  # NULL: any organisation that helps
    purpose = models.CharField(max_length=12, default="assistance")
    answer = models.CharField(max_length=9, choices=[*ConsentAnswer.choices, ("yes", "yes"), ("no", "no")])
    text_version = models.PositiveIntegerField()
    language = models.CharField(max_length=3)
    how = models.CharField(max_length=8, choices=How)
    voice = models.CharField(max_length=16, choices=Voice, default=Voice.REPORTER)  # reporter or affected_person
    read_by_ref = models.UUIDField(null=True)  # verbal consent: who read the text aloud, opaque here
    given_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "given_at"], name="consent_by_report")]


class ConsentRequest(models.Model):
    """ "Ask me first": one organisation has agreed to help and the person is asked about it by name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="consent_requests")
    body = models.ForeignKey("intake.Body", on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=3, blank=True)  # yes | no
    closed_at = models.DateTimeField(null=True)  # no longer asked (the offer is gone)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "body"],
                condition=models.Q(answered_at__isnull=True, closed_at__isnull=True),
                name="one_open_consent_request",
            )
        ]
