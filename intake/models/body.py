"""Bodies that a reporter can name: partner, authority, consulate, employer."""

from django.db import models

from intake.references import new_id
from intake.vocabulary import BodyKind

from .reference_data import Labelled


class Body(Labelled):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=BodyKind)
    country = models.ForeignKey("intake.Country", on_delete=models.PROTECT, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "bodies"
        indexes = [models.Index(fields=["kind", "is_active"], name="body_kind_active")]
