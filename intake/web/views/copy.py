"""Everything that is held, to take along: a page that warns first, then one archive."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from intake.models import Report
from intake.queries.everything import everything_of
from intake.uploads.serving import HEADERS
from intake.web.archive import archive
from intake.web.copy_words import copy_words
from intake.web.forms.page import NoForm

from .on_page import on_page, show_form, zone_of


@on_page
def copy(request: HttpRequest, language: str, report: Report) -> HttpResponseBase:
    if request.method == "POST":
        return _archive(report, language)
    return show_form(request, report, NoForm(draft={}, language=language), "intake/page_copy.html")


def _archive(report: Report, language: str) -> HttpResponse | StreamingHttpResponse:
    """All words are put together before anything goes out, in the page's language; the files follow in a stream."""
    held = everything_of(report.pk)
    words = copy_words(held, language, zone_of(report), now=timezone.now())
    chunks: Iterator[bytes] = archive(words, held.files, held.key)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="archive.zip"'
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response
