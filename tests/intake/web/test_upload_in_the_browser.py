"""Files in a real browser: in pieces, over a line that breaks, without script, and accessible."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from intake.actions.file_pieces import PIECE
from intake.models import Attachment
from tests.browsing import CHROMIUM, FLAGS, follow
from tests.intake.filing import lying
from tests.intake.uploads import samples

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FILM = samples.mp4() + samples.box(b"free", bytes(3 * PIECE))
GO = "#files .actions button >> nth=0"
SHOTS = os.environ.get("KORPU_SHOTS", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: object, reference: None) -> str:
    return str(live_server)


def at_files(browser: Browser, site: str, **options: object) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{site}/en/")
    follow(page, "main form button[type=submit]")
    page.goto(f"{site}/en/p/files/")
    return context, page


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Canary film.mp4"
    path.write_bytes(FILM)
    return path


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_film_arrives_in_pieces_over_a_line_that_breaks(browser: Browser, site: str, film: Path) -> None:
    context, page = at_files(browser, site)
    calls = {"piece": 0}

    def unreliable(route: Route) -> None:
        calls["piece"] += 1
        if calls["piece"] == 2:
            route.abort("connectionreset")
        elif calls["piece"] == 4:  # it arrived, but the answer is lost
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    context.route("**/p/files/piece/", unreliable)
    page.set_input_files("#documents", film)
    page.click(GO)
    page.wait_for_url(lambda url: "/p/files/" not in url)
    row = Attachment.objects.get()
    assert (row.state, row.received_bytes) == ("received", len(FILM)) and len(row.raw_parts) == 4 == len(lying())
    page.goto(f"{site}/en/p/files/")
    assert page.locator("main li").inner_text().startswith("Canary film.mp4")
    kept = page.evaluate("[localStorage.length, sessionStorage.length]")
    assert kept == [0, 0]
    context.close()


def test_what_is_not_taken_is_said_at_once_and_the_page_stays(browser: Browser, site: str, tmp_path: Path) -> None:
    context, page = at_files(browser, site, viewport={"width": 320, "height": 640})
    (tmp_path / "a.zip").write_bytes(samples.zipped({"a": b"x" * 5000}))
    page.set_input_files("#documents", tmp_path / "a.zip")
    page.click(GO)
    page.wait_for_selector("#sending.errors")
    assert "packed files" in page.inner_text("#sending") and "a.zip" in page.inner_text("#sending")
    shot(page, "files-refused-320")
    assert not Attachment.objects.exists()
    (tmp_path / "b.gif").write_bytes(samples.gif())
    page.set_input_files("#documents", tmp_path / "b.gif")
    page.click(GO)
    page.wait_for_url(lambda url: "/p/files/" not in url)
    assert Attachment.objects.count() == 1
    context.close()


def test_without_script_the_plain_form_does_the_same(browser: Browser, site: str, film: Path) -> None:
    context, page = at_files(browser, site, java_script_enabled=False, viewport={"width": 320, "height": 640})
    shot(page, "files-empty-320")
    page.set_input_files("#documents", film)
    page.click("#files button[value=stay]")
    page.wait_for_selector("main li")
    shot(page, "files-kept-320")
    assert Attachment.objects.get().received_bytes == len(FILM)
    follow(page, "main li form button")
    assert page.locator("main li").count() == 0 and not Attachment.objects.exists()
    context.close()


@pytest.mark.parametrize("width", [320, 1200])
def test_the_page_is_accessible_and_fits(browser: Browser, site: str, film: Path, tmp_path: Path, width: int) -> None:
    context, page = at_files(browser, site, viewport={"width": width, "height": 700})
    page.set_input_files("#documents", film)
    page.click("#files button[value=stay]")
    page.wait_for_selector("main li")
    shot(page, f"files-{width}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
