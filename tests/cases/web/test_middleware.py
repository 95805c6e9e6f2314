"""What the site does around every page, on the public ones and on those of signed-in people."""

import pytest
from django.test import Client
from django.urls import get_resolver

from cases.conf.middleware import PUBLIC
from intake.web.urls import urlpatterns as public_pages

pytestmark = pytest.mark.django_db
PLACES = (
    "/",
    "/az/",
    "/ru/now/",
    "/en/page/",
    "/en/nowhere/",
    "/console/",
    "/account/login/",
    "/healthz/",
    "/api/docs/",
    "/api/v1/",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_page_has_the_headers_that_protect_it(place: str) -> None:
    headers = Client().get(place).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"].split("; ")
    assert "script-src 'self'" in headers["Content-Security-Policy"].split("; ")
    assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin" and "Content-Language" in headers


def test_public_is_what_begins_with_a_language_and_only_that() -> None:
    ours = {str(pattern.pattern).partition("/")[0] for pattern in public_pages} - {""}
    others = {str(one.pattern).partition("/")[0] for one in get_resolver().url_patterns} - {""}
    assert ours == {"<language:language>"}
    assert not PUBLIC & others


@pytest.mark.parametrize("place", ["/az/", "/az/nowhere/", "/en/page/", "/api/docs/"])
def test_a_public_page_never_asks_who_is_signed_in(place: str) -> None:
    """A colleague who looks at them leaves no trace there, and takes none along."""
    client = Client(headers={"cookie": "korpu_session=abc; sessionid=abc"})
    response = client.get(place)
    assert not hasattr(response.wsgi_request, "session") and not hasattr(response.wsgi_request, "user")
    assert "korpu_session" not in response.cookies


@pytest.mark.parametrize("place", ["/console/", "/admin/", "//az/../console/", "/AZ/", "/azx/"])
def test_everything_else_knows_who_is_signed_in(place: str) -> None:
    assert hasattr(Client().get(place).wsgi_request, "user")
