"""From views to JSON: RFC 3339 in UTC, ids as text, urgencies as U1 to U4, addresses. Decides nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from cases.disclosure import View
from cases.workflow import ASSIGNED, ReferralState

_HAS_CASE = ASSIGNED | {ReferralState.COMPLETED}


def root_of(request: Request) -> str:
    return request.build_absolute_uri("/api/v1/")


def list_item(view: View, root: str) -> View:
    """An offer view, made ready in place. Flat and quick: a page has up to 200 of them."""
    row, state = str(view["id"]), view["state"]
    view["id"] = row
    view["url"] = f"{root}referrals/{row}/"
    has_case = state in _HAS_CASE and not view["is_tombstone"]
    view["case_url"] = f"{root}cases/{view['reference']}/" if has_case else None
    if view["urgency"] is not None:
        view["urgency"] = f"U{view['urgency']}"
    return view


def detail(view: Mapping[str, Any], root: str) -> dict[str, Any]:
    """A single view, with whatever it discloses."""
    made: dict[str, Any] = list_item(plain(view), root)
    for holder, name in (("documents", None), ("story", "recordings")):
        group = (made.get("data") or {}).get(holder)
        if group is not None:
            _with_addresses(group if name is None else group[name], root, made["reference"])
    return made


def file_items(views: list[View], root: str, reference: str) -> list[View]:
    """Files with the address of their content."""
    items = [plain(view) for view in views]
    _with_addresses(items, root, reference)
    return items


def _with_addresses(files: list[View], root: str, reference: str) -> None:
    for file in files:
        file["url"] = f"{root}cases/{reference}/files/{file['id']}/content/"


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
