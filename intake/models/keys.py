"""The key of each report, in a table of its own so that backups can keep it apart and erasure can destroy it."""

from uuid import UUID

from django.db import models

from intake.encryption import DataKey, new_key, unwrap_key, wrap_key
from intake.errors import ReportErased


class ReportKey(models.Model):
    # No foreign key: data are restored without this table, and a destroyed key must not take the skeleton with it.
    report_id = models.UUIDField(primary_key=True)
    master = models.CharField(max_length=40, db_index=True)  # name of the master key that wraps it
    wrapped = models.BinaryField()

    @classmethod
    def make(cls, report_id: UUID) -> tuple["ReportKey", DataKey]:
        """An unsaved row and the key it wraps."""
        raw = new_key()
        master, wrapped = wrap_key(raw, owner=report_id)
        return cls(report_id=report_id, master=master, wrapped=wrapped), DataKey(raw)

    @classmethod
    def of(cls, report_id: UUID) -> DataKey:
        """The report's key. Raises ReportErased when it was destroyed."""
        row = cls.objects.filter(report_id=report_id).first()
        if row is None:
            raise ReportErased()
        return row.open()

    def open(self) -> DataKey:
        return unwrap_key(bytes(self.wrapped), master=self.master, owner=self.report_id)


class BlindIndex(models.Model):
    """A keyed hash of one normalised telephone number, address or name, to find the same person without reading it."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        EMAIL = "email"
        NAME = "name"
        ACTOR = "actor"  # who is said to have done it; never used to find a person again

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "kind", "digest"], name="one_blind_index")]
        indexes = [models.Index(fields=["kind", "digest"], name="blind_index_match")]
