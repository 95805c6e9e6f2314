"""Tags of the public pages: the same page in another language, a word at the beginning of a line."""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

register = template.Library()
KEPT = ("from",)  # what an address may carry besides its path


@register.simple_tag(takes_context=True)
def in_language(context: Context, code: str) -> str:
    """The address of this page in another language; the first page's where the page cannot be asked for again."""
    request = context["request"]
    match = getattr(request, "resolver_match", None)
    if match is None or match.namespace != "intake" or "language" not in match.kwargs:
        return reverse("intake:first", kwargs={"language": code})
    address = reverse(match.view_name, kwargs={**match.kwargs, "language": code})
    carried = {name: request.GET[name] for name in KEPT if name in request.GET}
    return f"{address}?{urlencode(carried)}" if carried else address


@register.filter
def capital(words: Any) -> str:
    """With a capital letter at the beginning, by the rules of the page's language (i → İ in Azerbaijani)."""
    text = str(words)
    first = "İ" if text[:1] == "i" and get_language() == "az" else text[:1].upper()
    return first + text[1:]
