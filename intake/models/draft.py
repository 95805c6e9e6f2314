"""An unfinished report. Only the browser's cookie can read it: the key is derived from the cookie's secret."""

from django.db import models

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class Draft(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Keyed hash of the cookie's secret; chance once a draft kept under its code was closed: no cookie opens it then.
    token_hash = models.BinaryField(max_length=32, unique=True)
    answers = EncryptedField()  # object: every field typed so far, by step
    code = EncryptedField()  # the receipt code, until it is confirmed (at most 30 minutes after sending)
    # The person wrote the code down to go on elsewhere: its keyed hash, and the cookie's secret sealed under the code.
    code_hash = models.BinaryField(max_length=32, unique=True, null=True)
    secret_by_code = models.BinaryField(null=True)
    submission_key = models.BinaryField(max_length=32, unique=True)  # makes a second "send" the same report
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, null=True)  # set once sent
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
