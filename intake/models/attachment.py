"""A file that came with a report: received, cleaned, kept sealed in the file store. Never served as it came."""

from django.db import models
from django.db.models import Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import FileKind, FileState, FileUse, Voice


class Attachment(SealedModel):
    """Belongs to a draft (sealed under the draft's key) until it is sent, then to the report, under the report's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, null=True, related_name="attachments")
    draft = models.ForeignKey("intake.Draft", on_delete=models.CASCADE, null=True, related_name="attachments")
    voice = models.CharField(max_length=16, choices=Voice, default=Voice.REPORTER)
    by_ref = models.UUIDField(null=True)
    organisation = models.ForeignKey("intake.Body", on_delete=models.PROTECT, null=True, related_name="+")
    use = models.CharField(max_length=8, choices=FileUse, default=FileUse.DOCUMENT)
    kind = models.CharField(max_length=8, choices=FileKind, blank=True)
    state = models.CharField(max_length=12, choices=FileState)
    reason = models.CharField(max_length=24, blank=True)  # code, why it was refused
    name = EncryptedField()  # as the person's device called it, made harmless
    file_key = EncryptedField()  # hex: the key of the stored bytes; destroyed with the key that seals it
    media_type = models.CharField(max_length=80, blank=True)  # of what is served, found by content
    received_bytes = models.PositiveBigIntegerField(default=0)  # stored so far of an upload in pieces
    expected_bytes = models.PositiveBigIntegerField(default=0)  # what the sender says; 0: not known
    clean_bytes = models.PositiveBigIntegerField(default=0)
    # Names in the file store, in order: as it came, piece by piece, sealed. A piece is never written over: each try has
    # a name of its own, and standing here is what makes it count. Empty once cleaned.
    raw_parts = models.JSONField(default=list)
    clean_name = models.CharField(max_length=80, blank=True)
    upload_token = models.BinaryField(max_length=32, unique=True, null=True)  # keyed hash: names an upload in pieces
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)  # after a failed cleaning: try again then
    uploaded_at = models.DateTimeField()
    examined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(report__isnull=False) ^ Q(draft__isnull=False), name="attachment_of_report_or_draft"
            )
        ]
        indexes = [
            models.Index(fields=["report", "uploaded_at", "id"], name="attachment_by_report"),
            models.Index(
                fields=["uploaded_at"], condition=Q(state="received", report__isnull=False), name="attachment_waiting"
            ),
        ]
