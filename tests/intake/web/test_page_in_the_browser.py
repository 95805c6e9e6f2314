"""The reporter's page and all behind it in a browser: narrow, by axe's rules, empty and full, in three languages."""

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from intake.models import Complaint, Consent, Message, Report
from intake.web import cookies
from tests.browsing import NARROW, follow
from tests.extent import BROWSER_LANGUAGES, COLOURS, FULL

from .full_report import add_files, empty_report, full_report, make_late, pass_of
from .test_every_page import EMPTY, PLACES
from .test_in_the_browser import browser, context_of, site

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KINDS = ("", "messages/", "share/", "contact/phone/", "add/", "add/1/", "files/", "say/", "copy/")


@pytest.mark.parametrize("language", BROWSER_LANGUAGES)
def test_every_page_is_accessible_and_fits_a_small_phone(browser: Browser, site: str, language: str) -> None:
    full, empty = full_report(language), empty_report(language)
    add_files(full)
    places = PLACES if FULL else KINDS  # all of them stand in test_states_in_the_browser too
    with context_of(browser, viewport=NARROW, color_scheme=COLOURS[language]) as context:
        page = _page_of(context, site, full)
        _look_at(page, f"{site}/{language}/page/", places)
        make_late(full)
        _look_at(page, f"{site}/{language}/page/", ["?changed"])
        page = _page_of(context, site, empty)
        _look_at(page, f"{site}/{language}/page/", EMPTY if FULL else ["", "messages/"])
        page.goto(f"{site}/{language}/page/end/")
        follow(page, "main form button")
        _check(page, "certificate")


def test_with_the_keyboard_alone_a_message_is_written_and_everything_deleted(browser: Browser, site: str) -> None:
    report_id = full_report()
    with context_of(browser, viewport=NARROW) as context:
        page = _page_of(context, site, report_id)
        page.goto(f"{site}/en/page/")
        _press(page, "main a[href$='/messages/']")
        page.wait_for_url("**/messages/")
        _tab_to(page, "textarea")
        page.keyboard.type("Salam")
        _press(page, "main button[type=submit]")
        page.wait_for_url("**/messages/?*")
        page.goto(f"{site}/en/page/")
        _press(page, "main a[href$='/end/']")
        page.wait_for_url("**/end/")
        _press(page, "main button.danger")
        page.wait_for_selector("h1:has-text('Everything is deleted.')")
    assert not Message.objects.filter(report_id=report_id).exists()
    assert Report.objects.get(pk=report_id).erased_at is not None


def test_with_the_keyboard_alone_one_complains_changes_the_consent_and_takes_it_all_back(
    browser: Browser, site: str
) -> None:
    report_id = full_report()
    with context_of(browser, viewport=NARROW) as context:
        page = _page_of(context, site, report_id)
        _go_on(page, f"{site}/en/page/", "say")
        _choose(page, "about", "us")
        _tab_to(page, "textarea")
        page.keyboard.type("They shouted")
        _press(page, "main button[type=submit]")
        page.wait_for_url("**/page/?complained")
        _go_on(page, f"{site}/en/page/", "share")
        _choose(page, "share", "ask_first")
        _press(page, "main form button[type=submit]")
        page.wait_for_url("**/share/?changed")
        _go_on(page, f"{site}/en/page/", "back")
        _press(page, "main form button[type=submit]")
        page.wait_for_url("**/page/?withdrawn")
    assert Complaint.objects.filter(report_id=report_id, about=None).count() == 1
    answers = Consent.objects.filter(report_id=report_id, question="share", how="mailbox")
    assert answers.order_by("given_at").values_list("answer", flat=True)[0] == "ask_first"
    assert Report.objects.get(pk=report_id).withdrawn_at is not None


def _go_on(page: Page, address: str, place: str) -> None:
    """From the page to one of its pages."""
    page.goto(address)
    _press(page, f"main a[href$='/{place}/']")
    page.wait_for_url(f"**/page/{place}/")


def _choose(page: Page, name: str, value: str) -> None:
    """One Tab leads into a group of choices, the arrows through it."""
    _tab_to(page, f"input[name={name}]")
    for _step in range(12):
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.value") == value:
            return
    raise AssertionError(f"{value} is not reached with the arrows")


def _page_of(context: BrowserContext, site: str, report_id: UUID) -> Page:
    context.add_cookies([{"name": cookies.PAGE, "value": pass_of(report_id), "url": site}])
    return context.new_page()


def _look_at(page: Page, address: str, places: Iterable[str]) -> None:
    for place in places:
        page.goto(address + place)
        _check(page, place)


def _check(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    folder = os.environ.get("KORPU_SHOTS")  # pictures for people who want to look
    if folder:
        page.screenshot(path=Path(folder) / f"{page.url.split('/', 3)[3].replace('/', '_')}.png", full_page=True)


def _press(page: Page, target: str) -> None:
    _tab_to(page, target)
    page.keyboard.press("Enter")


def _tab_to(page: Page, target: str) -> None:
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("target => document.activeElement.matches(target)", target):
            return
    raise AssertionError(f"{target} is not reached with Tab")
