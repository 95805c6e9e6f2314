"""What was sent, what waits and what gave up, with every attempt. Codes only: never content, never an address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Delivery, OutboxMessage, Recusal, User
from cases.permissions import may
from intake.errors import InvalidInput

PAGE = 50
_S = OutboxMessage.State
TABS = {"due": (_S.DUE, _S.IN_FLIGHT), "dead": (_S.DEAD,), "sent": (_S.SENT,), "cancelled": (_S.CANCELLED,)}
_COLUMNS = (
    "id",
    "kind",
    "audience",
    "channel",
    "state",
    "attempts",
    "next_attempt_at",
    "last_result",
    "created_at",
    "finished_at",
    "case_id",
    "case__reference",
    "partner__body__labels",
    "user__name",
)


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    rows: list[dict[str, Any]]
    after: str = ""


def deliveries(user: User, *, tab: str, after: str, size: int = PAGE) -> DeliveriesPage:
    """The newest first, of the user's side. Three statements. Raises InvalidInput for an unknown tab or place."""
    if tab not in TABS:
        raise InvalidInput(fields={"tab": [_("Unknown value.")]})
    messages = of_side(user.side).filter(state__in=TABS[tab])
    if may(user, "answer_complaint"):  # that none of them may answer one: it concerns them, or they know the person
        messages = messages.exclude(kind="supervisor_missing")
    if after:
        created_at, pk = _place(after)
        beyond = Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=pk)
        messages = messages.filter(beyond, created_at__lte=created_at)
    found = list(messages.order_by("-created_at", "-id").values(*_COLUMNS)[: size + 1])
    page = found[:size]
    _add_attempts(page)
    known = set(
        Recusal.objects.filter(user=user, case__in={row["case_id"] for row in page}).values_list("case", flat=True)
    )
    for row in page:
        # Of which case a complaint is, is for the supervisors whom it does not concern; and that of a person whom the
        # reader knows does not exist for them.
        if row["kind"] == "complaint" or row["case_id"] in known:
            row["case__reference"] = ""
    return DeliveriesPage(page, _cursor(page[-1]) if len(found) > size else "")


def of_side(side: str) -> QuerySet[OutboxMessage]:
    """A notice belongs to the side of its case; one about no case to that of its reader."""
    about_no_case = Q(case__isnull=True) & (Q(user__side=side) | Q(partner__side=side))
    return OutboxMessage.objects.filter(Q(case__side=side) | about_no_case)


def _add_attempts(page: list[dict[str, Any]]) -> None:
    attempts: dict[UUID, list[dict[str, Any]]] = {row["id"]: [] for row in page}
    rows = Delivery.objects.filter(message__in=attempts).order_by("attempt")
    for row in rows.values("message_id", "attempt", "started_at", "duration_ms", "result", "response_code"):
        attempts[row["message_id"]].append(dict(row))
    for message in page:
        message["deliveries"] = attempts[message["id"]]


def _place(after: str) -> tuple[datetime, UUID]:
    try:
        created_at, pk = signing.loads(after, salt="deliveries")
        return datetime.fromisoformat(created_at), UUID(pk)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise InvalidInput(fields={"after": [_("Unknown value.")]}) from None


def _cursor(row: dict[str, Any]) -> str:
    return signing.dumps([row["created_at"].isoformat(), str(row["id"])], salt="deliveries")
