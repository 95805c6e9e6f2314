"""Webhook endpoints of partners (Standard Webhooks 1.0)."""

from django.db import models

from intake.encryption import SystemEncryptedTextField
from intake.references import new_id


class WebhookEndpoint(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("cases.PartnerOrganisation", on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    secret = SystemEncryptedTextField()  # whsec_…
    old_secret = SystemEncryptedTextField(default="", blank=True)  # also signs, while rotating
    is_active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=24, blank=True)
    failures_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
