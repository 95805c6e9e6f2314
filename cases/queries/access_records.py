"""Who has read personal data, when and for what, for the auditors of a side. The data themselves are not here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from intake.errors import InvalidInput
from intake.models import AccessRecord
from intake.references import normalise_reference

PAGE = 50


@dataclass(frozen=True, slots=True)
class AccessPage:
    rows: list[dict[str, Any]]
    after: str = ""


def access_records(side: str, *, reference: str, after: str, size: int = PAGE) -> AccessPage:
    """Newest first, of the cases of the side; one statement. Raises InvalidInput for what is no reference or place."""
    case = Case.objects.filter(report_id=OuterRef("report_id"), side=side)
    rows = AccessRecord.objects.annotate(
        reference=Subquery(case.values("reference")),
        staff_name=Subquery(User.objects.filter(pk=OuterRef("by_ref")).values("name")),
    ).filter(reference__isnull=False)
    if reference:
        rows = rows.filter(reference=_known(reference))
    if after:
        at, pk = _place(after)
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=pk), at__lte=at)
    columns = ("id", "at", "voice", "purpose", "groups", "reference", "staff_name", "body__labels")
    found = list(rows.order_by("-at", "-id").values(*columns)[: size + 1])
    page = found[:size]
    return AccessPage(page, _cursor(page[-1]) if len(found) > size else "")


def _known(typed: str) -> str:
    reference = normalise_reference(typed)
    if reference is None:
        raise InvalidInput(fields={"reference": [_("This is not a case reference.")]})
    return reference


def _place(after: str) -> tuple[datetime, UUID]:
    try:
        at, pk = signing.loads(after, salt="access")
        return datetime.fromisoformat(at), UUID(pk)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise InvalidInput(fields={"after": [_("Unknown value.")]}) from None


def _cursor(row: dict[str, Any]) -> str:
    return signing.dumps([row["at"].isoformat(), str(row["id"])], salt="access")
