"""Reads request bodies and query strings strictly: what we do not understand is refused, never ignored."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, NoReturn

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser

from intake.actions.problems import Problems

MOST_NAMES = 20  # unknown fields that are named in one answer
LONGEST_NAME = 60  # characters of such a name


class StrictJson(BaseParser):
    """RFC 8259 in UTF-8, within DATA_UPLOAD_MAX_MEMORY_SIZE. No NaN, no repeated names, no lone surrogates."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.body.decode("utf-8")  # .body enforces the size, reading the stream does not
            value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_object)
            if "\\ud" in text or "\\uD" in text:
                json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):  # UnicodeError is a ValueError
            raise ParseError() from None
        return value


_SERVED = frozenset({"*/*", "application/json"})


class JsonOnly(DefaultContentNegotiation):
    """`?format=` chooses nothing here: it is an unknown parameter like any other."""

    settings: Any = SimpleNamespace(URL_FORMAT_OVERRIDE=None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Most clients ask for JSON or for anything: then there is nothing to weigh."""
        if request.META.get("HTTP_ACCEPT", "*/*") in _SERVED:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


# --- bodies ---------------------------------------------------------------------------------------------------------


class Body:
    """Reads an object field by field and gathers everything that is wrong. `finish` raises InvalidInput."""

    def __init__(self, data: Any, *, known: Collection[str]) -> None:
        self.problems = Problems()
        self.data: Mapping[str, Any] = self.object("", data, known=known)

    def object(self, name: str, value: Any, *, known: Collection[str]) -> Mapping[str, Any]:
        """An object with known names only. A misspelt name would otherwise lose what somebody wrote."""
        if not isinstance(value, Mapping):
            self.problems.add(name or "body", _("This must be an object."))
            return {}
        prefix = f"{name}." if name else ""
        for unknown in sorted(set(value) - set(known))[:MOST_NAMES]:
            self.problems.add(f"{prefix}{unknown[:LONGEST_NAME]}", _("This field is not known."))
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        value = self.data.get(name)
        if not isinstance(value, str) or value not in choices:
            self.problems.add(name, gettext("This must be one of: {values}.").format(values=", ".join(choices)))
            return ""
        return value

    def text(self, name: str, *, limit: int) -> str:
        return self.problems.text(name, self.data.get(name), limit=limit)

    def day(self, name: str) -> date | None:
        return self.problems.day(name, self.data.get(name))

    def finish(self) -> None:
        self.problems.raise_any()


# --- query strings --------------------------------------------------------------------------------------------------


class InvalidQuery(APIException):
    """`errors` names each parameter that is unknown, repeated or unreadable."""

    status_code = 400
    default_code = "invalid_query"
    default_detail = _("The query cannot be understood.")

    def __init__(self, errors: Mapping[str, str | Promise]) -> None:
        super().__init__()
        self.errors = {name: [message] for name, message in errors.items()}


class Unreadable(ValueError):
    """What is wrong with one parameter."""

    def __init__(self, message: str | Promise) -> None:
        self.message = message
        super().__init__()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter: how it is read, and how the schema shows it."""

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    says: str | Promise
    default: Any = None


def read_query(query: QueryDict, parameters: Collection[Parameter]) -> dict[str, Any]:
    """The value of each parameter. Raises InvalidQuery for all that is wrong at once."""
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {name: parameter.default for name, parameter in known.items()}
    errors: dict[str, str | Promise] = {}
    for name, given in query.lists():
        if name not in known:
            errors[name[:LONGEST_NAME]] = _("This parameter is not known.")
        elif len(given) > 1:
            errors[name] = _("This parameter stands twice.")
        else:
            try:
                values[name] = known[name].read(given[0])
            except Unreadable as problem:
                errors[name] = problem.message
    if errors:
        raise InvalidQuery(dict(list(errors.items())[:MOST_NAMES]))
    return values


def one_of(choices: Collection[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise Unreadable(gettext("This must be one of: {values}.").format(values=", ".join(choices)))
        return text

    return read


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and low <= int(text) <= high):
            message = gettext("This must be a whole number from {low} to {high}.")
            raise Unreadable(message.format(low=low, high=high))
        return int(text)

    return read


def moment(text: str) -> datetime:
    """RFC 3339 with its zone. A plus sign that came as a blank (it was not encoded) is read as the plus it was."""
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unreadable(_("Write a time like 2026-11-24T08:00:00Z."))
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Unreadable(_("Write a time like 2026-11-24T08:00:00Z.")) from None
