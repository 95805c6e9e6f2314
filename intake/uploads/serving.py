"""How a cleaned file leaves us, at every door alike: to be saved, never shown on the site's own pages."""

from collections.abc import Iterator
from itertools import chain

from django.http import Http404, StreamingHttpResponse

from .sealing import Damaged

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def file_response(chunks: Iterator[bytes], *, media_type: str, name: str, size: int) -> StreamingHttpResponse:
    """`name` is one of ours. The first segment is read before anything goes out: what is gone or damaged is a 404."""
    try:
        first = next(chunks, b"")
    except (Damaged, OSError):
        raise Http404 from None
    response = StreamingHttpResponse(chain([first], chunks), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(size)
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response
