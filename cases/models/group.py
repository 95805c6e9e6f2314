"""Cases of one incident, worked on together. Each keeps its own report, key, consent and referrals."""

from django.db import models
from django.db.models import Q

from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import Side


class CaseGroup(models.Model):
    """Known to the staff of its side alone: no reporter and no partner ever learns that there is one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    side = models.CharField(max_length=2, choices=Side)
    made_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    updated_at = models.DateTimeField()


class GroupMember(models.Model):
    """A case in a group, with history. It is in one group at a time."""

    group = models.ForeignKey(CaseGroup, on_delete=models.CASCADE, related_name="members")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey("cases.User", on_delete=models.PROTECT, null=True, related_name="+")  # NULL: system
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(removed_at__isnull=True), name="one_open_group")
        ]
        indexes = [models.Index(fields=["group", "added_at"], name="group_members")]


class GroupNote(SealedModel):
    """A part of the shared note, under a key of its own (a ReportKey row with the note's id).

    What was written while a case was in the group can be about its person, so that person's erasure destroys the key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(CaseGroup, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey("cases.User", on_delete=models.PROTECT, related_name="+")
    text = EncryptedField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at"]
