"""Pages without numbers: a cursor says where the last page ended, so that every page costs what the first one costs."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.api.parsing import Parameter, Unreadable, whole_number

DEFAULT_LIMIT = 50
MOST = 200
_VERSION = b"1"
_CHECK_BYTES = 4
_LONGEST = 200  # characters

LIMIT = Parameter(
    "limit",
    whole_number(1, MOST),
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    _("How many in one page."),
    DEFAULT_LIMIT,
)


def cursor_parameter(name: str, kind: str, says: Any, read: Callable[[str], Any]) -> Parameter:
    """A cursor of this kind. One that was cut off, changed or taken from another list is refused, not misread."""

    def unpack(text: str) -> Any:
        try:
            return read(_unpack(kind, text))
        except (ValueError, OverflowError):
            raise Unreadable(_("This cursor is not valid here.")) from None

    return Parameter(name, unpack, {"type": "string", "maxLength": _LONGEST}, says)


def pack(kind: str, place: str) -> str:
    """An opaque cursor. It holds no secret: the check finds accidents, the partner's own rows are filtered anyway."""
    body = _VERSION + place.encode()
    return base64.urlsafe_b64encode(body + _check(kind, body)).decode().rstrip("=")


def _unpack(kind: str, text: str) -> str:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError from None
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if not body.startswith(_VERSION) or check != _check(kind, body):
        raise ValueError
    return body[1:].decode()


def _check(kind: str, body: bytes) -> bytes:
    return hashlib.blake2b(kind.encode() + b":" + body, digest_size=_CHECK_BYTES).digest()


# --- lists ordered by (updated_at, id) ------------------------------------------------------------------------------


def after_row(kind: str) -> Parameter:
    return cursor_parameter("after", kind, _('Where the page before ended: follow "next".'), _row_place)


def _row_place(place: str) -> tuple[datetime, UUID]:
    at, _comma, row = place.partition(",")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError
    return moment, UUID(row)


def row_cursor(kind: str, row: Mapping[str, Any]) -> str:
    return pack(kind, f"{row['updated_at']},{row['id']}")


def page(
    request: HttpRequest, rows: Sequence[Any], *, limit: int, cursor: Callable[[Any], str]
) -> tuple[Sequence[Any], str | None]:
    """From `limit` + 1 rows: the page and the address of the next one, which keeps the filters."""
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    query = request.GET.copy()
    query["after"] = cursor(shown[-1])
    return shown, f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
