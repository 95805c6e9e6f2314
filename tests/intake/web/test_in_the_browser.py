"""The public pages in a real browser: without script, narrow, by axe's rules, and left in a hurry."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from intake.models import Country, Draft, Report
from intake.web import cookies, steps
from tests.browsing import CHROMIUM, FLAGS, NARROW, follow
from tests.extent import BROWSER_LANGUAGES, COLOURS, FULL

from .test_every_page import ANSWERS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KINDS = ("first", "mistake", "country", "person", "consent", "check", "page")  # one of each kind of page
GO = "main form .actions button >> nth=0"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: object, reference: None) -> str:
    return str(live_server)


def context_of(browser: Browser, **options: object) -> BrowserContext:
    context = browser.new_context(**options)
    context.set_default_timeout(10_000)
    return context


def fill(page: Page, step: str) -> None:
    for name, value in ANSWERS.get(step, {}).items():
        if page.locator(f"input[name={name}][type=radio]").count():
            page.check(f'input[name={name}][value="{value}"]')
        else:
            page.fill(f"[name={name}]", value)


def walk(page: Page, site: str, language: str) -> Iterator[str]:
    """Shows each page in turn, also one with a mistake on it."""
    page.goto(f"{site}/{language}/")
    yield "first"
    follow(page, "main form button[type=submit]")
    follow(page, GO)
    yield "mistake"
    for number, step in enumerate(steps.all_steps(), start=1):
        if f"/p/{number}/" in page.url:
            yield step.name
            fill(page, step.name)
            follow(page, GO)
    yield "check"
    follow(page, "main .actions a.button")
    yield "code"
    follow(page, GO)
    yield "sent"
    follow(page, GO)
    yield "page"


@pytest.mark.parametrize("language", BROWSER_LANGUAGES)
def test_every_page_is_accessible_and_fits_a_small_phone(browser: Browser, site: str, language: str) -> None:
    with context_of(browser, viewport=NARROW, color_scheme=COLOURS[language]) as context:
        page = context.new_page()
        seen = []
        for name in walk(page, site, language):
            seen.append(name)
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name
            if FULL or name in KINDS:  # every page stands in test_states_in_the_browser too
                found = Axe().run(page)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert len(seen) >= 25


def test_without_script_a_report_is_sent_and_its_page_opened(browser: Browser, site: str) -> None:
    with context_of(browser, viewport=NARROW, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/ru/")
        follow(page, "main form button[type=submit]")
        for step in ("country", "region", "about", "held", "harm", "category"):
            fill(page, step if step in ("country", "category") else "")
            follow(page, GO)
        follow(page, "button[name=then]")
        follow(page, GO)
        follow(page, GO)
        assert page.locator("h1").inner_text() == "Ваша страница"
    assert Report.objects.count() == 1


def test_with_the_keyboard_alone_leaving_comes_first(browser: Browser, site: str) -> None:
    with context_of(browser) as context:
        page = context.new_page()
        page.goto(f"{site}/az/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "leave"


@pytest.mark.parametrize("way", ["click", "shift"])
def test_leaving_quickly_leaves_nothing_to_come_back_to(browser: Browser, site: str, way: str) -> None:
    Country.objects.update(neutral_url=f"{site}/healthz/")  # no test leaves the machine
    with context_of(browser) as context:
        page = context.new_page()
        page.goto(f"{site}/ru/")
        follow(page, "main form button[type=submit]")
        page.check("input[value=RU]")
        if way == "click":
            page.click("#leave")
        else:
            for _press in range(3):
                page.keyboard.press("Shift")
        page.wait_for_url(f"{site}/healthz/")
        assert not context.cookies()
        page.go_back()
        assert "input[value=RU]" not in page.content() and not page.locator("input[value=RU]").count()
    assert not Draft.objects.exists()


def test_capital_letters_do_not_leave_the_page(browser: Browser, site: str) -> None:
    with context_of(browser) as context:
        page = context.new_page()
        page.goto(f"{site}/en/")
        follow(page, "main form button[type=submit]")
        page.check("input[value=RU]")
        follow(page, GO)
        for letter in "ABCD":
            page.keyboard.press(f"Shift+{letter}")
        assert page.locator("#leave").count() == 1
        assert any(cookie["name"] == cookies.DRAFT for cookie in context.cookies())
