"""What stands on the reporter's page. cases writes the status and messages here through intake's actions."""

from django.db import models

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import Voice


class PublicStatus(SealedModel):
    report = models.OneToOneField("intake.Report", on_delete=models.CASCADE, primary_key=True, related_name="status")
    code = models.CharField(max_length=24)  # a case state; the words come from the glossary's R column
    expected_by = models.DateTimeField(null=True)  # when the next step is due, where it has a clock
    organisation = models.ForeignKey("intake.Body", on_delete=models.SET_NULL, null=True)  # who has accepted
    next_step = EncryptedField()  # the organisation's own words: what happens next
    updated_at = models.DateTimeField()
    # Joined to another report: the person reads that one's code and date, nothing else of it.
    follows = models.ForeignKey("intake.Report", on_delete=models.SET_NULL, null=True, related_name="+")


class Message(SealedModel):
    """One message between the reporter and our people, or (`organisation`) the reporter and one partner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="messages")
    voice = models.CharField(max_length=16, choices=Voice)
    by_ref = models.UUIDField(null=True)  # opaque here; cases resolves it
    # The partner with which it is exchanged; NULL: with the caseworkers. No partner sees those of another.
    organisation = models.ForeignKey("intake.Body", on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=24, blank=True)  # of a notice of ours, whose words the page knows; else empty
    text = EncryptedField()
    submission_key = models.BinaryField(max_length=32, unique=True, null=True)  # keyed hash: a repeat is this message
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # by the one to whom it is written

    class Meta:
        indexes = [models.Index(fields=["report", "sent_at", "id"], name="message_by_report")]


class Correction(SealedModel):
    """What the person says anew about one part of the report. The report itself is never edited."""

    class Part(models.TextChoices):
        STORY = "story"  # text, added to the story
        IDENTITY = "identity"  # object; replaces
        FAMILY = "family"  # text; replaces
        ACTOR_NAME = "actor_name"  # text; replaces
        ANSWERS = "answers"  # object: the questions that are answered anew; the others stay

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="corrections")
    voice = models.CharField(max_length=16, choices=Voice, default=Voice.REPORTER)
    by_ref = models.UUIDField(null=True)
    part = models.CharField(max_length=12, choices=Part)
    content = EncryptedField()  # NULL: the person took this part back
    submission_key = models.BinaryField(max_length=32, unique=True, null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "made_at", "id"], name="correction_by_report")]


class Complaint(SealedModel):
    """About a partner (or about us). Goes to the supervisor; never to that partner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="complaints")
    about = models.ForeignKey("intake.Body", on_delete=models.PROTECT, null=True, related_name="+")
    text = EncryptedField()
    submission_key = models.BinaryField(max_length=32, unique=True, null=True)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # by the supervisor, in a message
    answered_by_ref = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["report", "made_at"], name="complaint_by_report")]


class PartnerErasure(models.Model):
    """A partner which had data of this report was told to erase its copies, and has (not yet) confirmed that it did."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="partner_erasures")
    body = models.ForeignKey("intake.Body", on_delete=models.PROTECT, related_name="+")
    referral_ref = models.UUIDField(unique=True)  # opaque here: the referral under which the partner had the case
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # what the partner says
    recorded_at = models.DateTimeField(null=True)  # when it said so
    reminders_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(recorded_at__isnull=True), name="erasure_unconfirmed")
        ]
