"""How a person can be reached safely. Values are personal, the rules of time are not."""

from django.db import models
from django.db.models import Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import ContactMethod, Voice


class SafeContact(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="contacts")
    voice = models.CharField(max_length=16, choices=Voice, default=Voice.REPORTER)
    method = models.CharField(max_length=10, choices=ContactMethod, blank=True)
    value = EncryptedField()  # number or address
    cover_name = EncryptedField()
    safe_word = EncryptedField()
    days = models.JSONField(default=list)  # weekdays, 0 = Monday; empty = every day
    hours_from = models.TimeField(null=True)  # in `timezone`; both empty = all day
    hours_until = models.TimeField(null=True)  # may be earlier than hours_from: over midnight
    timezone = models.CharField(max_length=40)  # IANA, the person's
    device_shared = models.CharField(max_length=7, blank=True)  # yes | no | unknown
    may_leave_message = models.BooleanField(default=False)
    notify = models.BooleanField(default=False)  # has opted in to neutral messages
    never_contact = models.BooleanField(default=False)
    valid_until = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(never_contact=True) | ~Q(method=""), name="contact_has_method_unless_never_contact"
            ),
            models.CheckConstraint(
                condition=Q(hours_from__isnull=True, hours_until__isnull=True)
                | Q(hours_from__isnull=False, hours_until__isnull=False),
                name="contact_hours_both_or_none",
            ),
        ]
