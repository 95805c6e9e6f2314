"""In real Chromium: axe finds nothing on any page in any language, and nothing overflows a narrow telephone."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.cases.arrange import on_duty, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = {
    "caseworker": ["/console/queue/", "/console/queue/?tab=open", "/console/queue/?region=XX", "CASE"],
    "supervisor": ["/console/deliveries/", "/console/duty/", "/console/health/", "CASE"],
    "partner_coordinator": ["/console/partners/", "/console/partners/agreements/", "PARTNER"],
    "working_group_member": ["/console/figures/"],
    "administrator": ["/console/accounts/"],
    "auditor": ["/console/access/"],
    "": ["/account/login/", "/account/password/reset/"],
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def context(chromium: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser.new_context(viewport={"width": 320, "height": 800})
        browser.close()


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_page_is_accessible_and_fits(
    language: str, context: BrowserContext, live_server: Any, reference: None, now: datetime
) -> None:
    case, owner = opened(now, category="DET", story="Nə baş verib?"), partner("AZ")
    referral(case, owner, now)
    on_duty(staff(), now)
    places = {"CASE": f"/console/cases/{case.reference}/", "PARTNER": f"/console/partners/{owner.slug}/"}
    wrong = []
    for role, addresses in PAGES.items():
        enter(context, live_server.url, role, language)
        page = context.new_page()
        for address in addresses:
            page.goto(live_server.url + places.get(address, address))
            wrong += [f"{role} {address}: {problem}" for problem in problems(page)]
    assert wrong == []


def enter(context: BrowserContext, url: str, role: str, language: str) -> None:
    context.clear_cookies()
    cookies = {"korpu_language": language}
    if role:
        client = signed_in(staff(role, directions=[3]))
        cookies["korpu_session"] = client.cookies["korpu_session"].value
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def problems(page: Page) -> list[str]:
    found = [violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    styled = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found + ([f"{wide} px too wide"] if wide else []) + (["no style"] if styled == "rgba(0, 0, 0, 0)" else [])


def test_the_vendored_style_sheet_is_the_one_that_was_recorded() -> None:
    folder = Path(__file__).resolve().parents[3] / "cases/static/console/vendor"
    digest = hashlib.sha256((folder / "bootstrap.min.css").read_bytes()).hexdigest()
    assert digest in (folder / "VENDORED.md").read_text()
