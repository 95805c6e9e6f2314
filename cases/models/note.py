"""Internal notes of the responsible side, under the key of the report."""

from django.db import models

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class Note(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    text = EncryptedField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at"]
