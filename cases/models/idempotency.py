"""Answers to API writes, kept 24 hours: the same key and body get the first answer again."""

from django.db import models


class IdempotencyKey(models.Model):
    # Hash of (client, key). The answer is sealed under a key derived from the Idempotency-Key, which is not kept.
    key_hash = models.BinaryField(max_length=32, primary_key=True)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_index=True)
