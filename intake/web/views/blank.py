"""Pages of the form without an answer are the same for everybody, but for the token: made once, then remembered.

A page is made from its key alone (codes and choices of the site; never the draft, never the request), so that what one
person typed cannot stand on the page of another.
"""

import secrets
from functools import lru_cache
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import translation

from intake.queries import reference_data
from intake.web import cookies, steps
from intake.web.coded import Coded, coded
from intake.web.door import address
from intake.web.forms.base import Draft

from .around import Around

PAGES = 1024  # of 3 to 20 KB
_GAP = secrets.token_hex(16)  # where the token goes


class Blank(NamedTuple):
    """`read_at`: with the words of that reading of the reference data."""

    read_at: float
    language: str
    seen: Coded
    around: Around


def blank_page(request: HttpRequest, language: str, draft: Draft, around: Around) -> HttpResponse | None:
    """None where something is answered, or the page shows what is not in the key."""
    step = steps.all_steps()[around.number - 1]
    if step.sees is None or request.GET.get("from", "check") != "check" or not step.is_blank(draft):
        return None
    before, after = _made(Blank(reference_data().read_at, language, coded(draft).only(step.sees), around))
    return HttpResponse(before + cookies.draft_token(request).encode() + after)


@lru_cache(maxsize=PAGES)
def _made(blank: Blank) -> tuple[bytes, bytes]:
    """What stands before the token and after it."""
    around = blank.around
    with translation.override(blank.language):
        form = steps.all_steps()[around.number - 1].make(blank.seen.as_draft(), blank.language)
        html = render_to_string("intake/step.html", around.shown(form, _GAP, blank.language), _asked_for(blank))
    before, after = html.encode().split(_GAP.encode())
    return before, after


def _asked_for(blank: Blank) -> HttpRequest:
    """A request for the page and nothing more: no cookie, no header, nobody's."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = address("step", blank.language, number=blank.around.number)
    request.resolver_match = resolve(request.path_info)
    request.GET = QueryDict("from=check" if blank.around.from_check else "")
    return request
