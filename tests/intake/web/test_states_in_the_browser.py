"""Every state of the public pages as the walk of test_every_page finds it, looked at in a browser by axe's rules.

The answers of the walk are put before the browser as they are, with their headers: no page is fetched twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.extent import BROWSER_LANGUAGES, COLOURS, EVERY_PAGE, TAKES_LONG

from .person import Person
from .test_every_page import WALKED, every_page
from .test_in_the_browser import NARROW, browser, context_of

__all__ = ["browser"]
pytestmark = [TAKES_LONG, pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
HOST = "http://walk.test"
STATES = (  # of them all the ones that look like no other page; .ci/run looks at every one in three languages
    "now",
    "file refused",
    "later",
    "draft expired",
    "begin again",
    "code typed wrong",
    "sent typed wrong",
    "wrong_code",
    "typed too late",
    "contact_details",
    "certificate",
    "gone",
    "not_found",
)


@pytest.fixture(params=BROWSER_LANGUAGES)
def walked(request: pytest.FixtureRequest) -> tuple[str, Mapping[str, HttpResponse]]:
    language = request.param
    if language not in WALKED:
        request.getfixturevalue("reference")
        WALKED[language] = dict(every_page(Person(Client(), language)))
    return language, WALKED[language]


def test_every_state_is_accessible_and_fits_a_small_phone(
    browser: Browser, walked: tuple[str, Mapping[str, HttpResponse]]
) -> None:
    language, pages = walked
    with context_of(browser, viewport=NARROW, color_scheme=COLOURS[language]) as context:
        page = context.new_page()
        for name in opened(page, pages, pages if EVERY_PAGE else STATES):
            assert page.locator("h1").count() == 1, name
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def opened(page: Page, pages: Mapping[str, HttpResponse], names: Iterable[str]) -> Iterator[str]:
    """Opens one after the other; styles and scripts come from where the site takes them."""
    shown: dict[str, HttpResponse] = {}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=str(finders.find(path.removeprefix("/static/"))))
        else:
            response = shown["page"]
            route.fulfill(status=200, headers=dict(response.items()), body=response.content)

    page.route("**/*", answer)
    for name in names:
        shown["page"] = pages[name]
        page.goto(HOST + pages[name].wsgi_request.path)
        yield name
