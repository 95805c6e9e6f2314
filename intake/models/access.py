"""Who has read personal data, for the reporter and the auditor. Rows are only added."""

from django.db import models

from intake.references import new_id
from intake.vocabulary import AccessPurpose, Voice


class AccessRecord(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="access_records")
    voice = models.CharField(max_length=16, choices=Voice)
    by_ref = models.UUIDField(null=True)  # opaque here; cases resolves it
    body = models.ForeignKey("intake.Body", on_delete=models.PROTECT, null=True)  # the organisation, shown by name
    purpose = models.CharField(max_length=16, choices=AccessPurpose)
    groups = models.JSONField(default=list)  # data groups that were shown
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "-at"], name="access_by_report")]
