"""Disclosure without consent, for vital interest only: asked by one person, approved by another, with a reason."""

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id


class VitalInterests(models.QuerySet["VitalInterest"]):
    def open(self) -> "VitalInterests":
        """Asked for or in force."""
        return self.filter(refused_at__isnull=True, ended_at__isnull=True)

    def waiting(self) -> "VitalInterests":
        return self.open().filter(approved_at__isnull=True)

    def in_force(self) -> "VitalInterests":
        """Approved by a second person and not ended: nothing else lets anybody see anything."""
        return self.open().filter(approved_at__isnull=False, approved_by__isnull=False)

    def groups(self, case_id: UUID, partner_id: UUID) -> frozenset[str]:
        """The data groups that this partner may see of this case without consent."""
        found: Iterable[list[str]] = (
            self.in_force().filter(case=case_id, partner=partner_id).values_list("groups", flat=True)
        )
        return frozenset(group for groups in found for group in groups)


class VitalInterest(SealedModel):
    """In force from its approval until it is ended. Lets one partner see these data groups (domain.md §4, §10)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="vital_interests")
    partner = models.ForeignKey("cases.PartnerOrganisation", on_delete=models.PROTECT, null=True, related_name="+")
    groups = models.JSONField(default=list)  # data groups, as in consent
    reason = EncryptedField()
    asked_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the person was told, on their page
    tell_on = models.DateField(null=True)  # not safe yet: a supervisor looks again on this day

    objects = VitalInterests.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("asked_by")), name="vital_interest_two_people"
            ),
            models.UniqueConstraint(
                fields=["case", "partner"],
                condition=Q(refused_at__isnull=True, ended_at__isnull=True),
                name="one_vital_interest",
            ),
        ]
