"""The queue of one side: coded rows in keyset pages. Reads no encrypted column and asks for no total."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Referral, User
from cases.permissions import may
from cases.queries.complained_of import COMPLAINT_EVENTS, concerned_reports
from cases.queries.reach import reachable
from cases.queries.unrouted import add_why
from cases.workflow import ASSIGNED, ENDED_CASES, LOAD, CaseState
from intake.errors import InvalidInput
from intake.queries import ReferenceData, reference_data

PAGE = 50
TABS = ("mine", "triage", "unrouted", "overdue", "waiting", "again", "resolved", "open")
_STATES = {
    "triage": CaseState.TRIAGE,
    "unrouted": CaseState.UNROUTED,
    "waiting": CaseState.WAITING_FOR_REPORTER,
    "resolved": CaseState.RESOLVED,  # somebody has to close them
}
_COLUMNS = (
    "id",
    "report_id",
    "reference",
    "state",
    "urgency",
    "category_id",
    "subcode",
    "category__labels",
    "region__labels",
    "country__labels",
    "language_id",
    "language__labels",
    "due_at",
    "due_kind",
    "last_event",
    "last_event_at",
    "received_at",
    "responsible_id",
    "responsible__name",
    "unrouted_at",
    "routing_wanted_at",
    "woken_at",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Codes as they stand in the address; empty means every one."""

    category: str = ""
    urgency: str = ""
    language: str = ""
    region: str = ""

    def given(self) -> dict[str, str]:
        pairs = (("category", self.category), ("urgency", self.urgency))
        return {key: value for key, value in (*pairs, ("language", self.language), ("region", self.region)) if value}


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[dict[str, Any]]
    after: str = ""  # opaque; where the next page begins, empty on the last one


@dataclass(frozen=True, slots=True)
class _Order:
    """The columns by which a tab is ordered, `id` last, and where in it a page begins."""

    columns: tuple[str, ...] = ("urgency", "received_at", "id")
    cursor: tuple[Any, ...] = ()


def queue(user: User, *, tab: str, filters: Filters, after: str, now: datetime, size: int = PAGE) -> QueuePage:
    """One page of a tab, two statements. Raises InvalidInput for an unknown tab, filter value or place."""
    check_filters(tab, filters)
    order = _order(tab, after)
    rows = _of_tab(user, tab, now).filter(**_conditions(filters))
    if order.cursor:
        rows = rows.filter(_beyond(order))
    found = list(rows.order_by(*order.columns).values(*_COLUMNS)[: size + 1])
    page = found[:size]
    _add_labels(page)
    if tab == "unrouted":
        add_why(page, now)
    else:
        _add_partners(page)
    _leave_out_complaints(page, user)
    return QueuePage(page, _cursor(tab, page[-1], order) if len(found) > size else "")


def check_filters(tab: str, filters: Filters) -> None:
    known = reference_data()
    possible: Mapping[str, Any] = {
        "category": known.categories,
        "urgency": {"1", "2", "3", "4"},
        "language": known.languages,
        "region": known.regions,
    }
    unknown = {key: [_("Unknown value.")] for key, value in filters.given().items() if value not in possible[key]}
    if tab not in TABS:
        unknown["tab"] = [_("Unknown value.")]
    if unknown:
        raise InvalidInput(fields=unknown)


def stay_regions(known: ReferenceData) -> list[tuple[Any, list[Any]]]:
    """The regions that can be asked for, by country of stay."""
    return [(country, known.regions_of(country.code)) for country in known.stay_countries()]


def _of_tab(user: User, tab: str, now: datetime) -> QuerySet[Case]:
    cases = reachable(user).filter(is_practice=False)
    if tab in _STATES:
        return cases.filter(state=_STATES[tab])
    if tab == "again":  # the person did something after the end
        return cases.filter(wrote_again_at__isnull=False)
    cases = cases.exclude(state__in=ENDED_CASES)
    if tab == "mine":
        return cases.filter(responsible=user)
    if tab == "overdue":
        return cases.filter(due_at__lt=now)
    return cases


def _conditions(filters: Filters) -> dict[str, Any]:
    given: dict[str, Any] = filters.given()
    if "urgency" in given:
        given["urgency"] = int(given["urgency"])
    return given


def _order(tab: str, after: str) -> _Order:
    columns = ("due_at", "id") if tab == "overdue" else ("urgency", "received_at", "id")
    if not after:
        return _Order(columns)
    try:
        place, *values = signing.loads(after, salt="queue")
        if place != tab or len(values) != len(columns):
            raise ValueError
        return _Order(columns, tuple(_typed(name, value) for name, value in zip(columns, values, strict=True)))
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidInput(fields={"after": [_("Unknown value.")]}) from None


def _typed(column: str, value: Any) -> Any:
    if column == "id":
        return UUID(value)
    return int(value) if column == "urgency" else datetime.fromisoformat(value)


def _beyond(order: _Order) -> Q:
    """Everything after the cursor: greater in the first column, or equal there and greater in the next, and so on."""
    first, *_others = order.columns
    condition = Q()
    equal = Q()
    for column, value in zip(order.columns, order.cursor, strict=True):
        condition |= equal & Q(**{f"{column}__gt": value})
        equal &= Q(**{column: value})
    return Q(**{f"{first}__gte": order.cursor[0]}) & condition  # the bound lets the index begin at the cursor


def _cursor(tab: str, row: Mapping[str, Any], order: _Order) -> str:
    values = (row[column] for column in order.columns)
    return signing.dumps(
        [tab, *(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)], salt="queue"
    )


def _add_labels(page: list[dict[str, Any]]) -> None:
    subcodes = reference_data().subcodes
    for row in page:
        subcode = subcodes.get((row["category_id"], row["subcode"]))
        row["subcode_label"] = subcode.label() if subcode else ""


def _leave_out_complaints(page: list[dict[str, Any]], user: User) -> None:
    """That somebody has complained is for supervisors alone, and not for one whom it concerns."""
    told = {row["report_id"]: row for row in page if row["last_event"] in COMPLAINT_EVENTS}
    if told and may(user, "answer_complaint"):
        told = {report: told[report] for report in concerned_reports(user, told)}
    for row in told.values():
        row["last_event"] = ""


def _add_partners(page: list[dict[str, Any]]) -> None:
    """Who has the case or was offered it: an accepted referral before open offers."""
    found: dict[UUID, dict[str, Any]] = {}
    rows = Referral.objects.filter(case__in=[row["id"] for row in page], state__in=LOAD).order_by("offered_at")
    for one in rows.values("case_id", "state", "partner__body__labels"):
        if one["case_id"] not in found or one["state"] in ASSIGNED:
            found[one["case_id"]] = dict(one)
    for row in page:
        row["partner"] = found.get(row["id"])
