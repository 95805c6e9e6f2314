"""A person at a browser: fills the form page by page, as it comes. No page is addressed by number."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsing import FLAGS, follow


@contextlib.contextmanager
def chromium_at(path: str, *, width: int = 390, height: int = 844, scripts: bool = False) -> Iterator[Page]:
    """A page of a fresh browser; by default as on a phone, and with scripts off."""
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts)
        page = context.new_page()
        page.set_default_timeout(15_000)
        try:
            yield page
        finally:
            browser.close()


class Person:
    """Somebody who reports. `answers` are by field name; a page without one of them is left as it is."""

    def __init__(self, page: Page, base: str, *, language: str, pictures: Path | None = None) -> None:
        self.page, self.base, self.language, self.pictures = page, base, language, pictures
        self.seen = 0

    def report(self, answers: Mapping[str, Any]) -> str:
        """From the first page to "sent"; returns the receipt code as shown before sending."""
        self.page.goto(f"{self.base}/{self.language}/")
        self.picture("first")
        follow(self.page, "main form button.big")
        for _ in range(40):
            if "/p/" not in self.page.url:
                break
            self.fill(answers)
            self.picture("step")
            follow(self.page, "main form button:not([name]) >> nth=0")
        assert self.page.url.endswith("/check/"), self.page.url
        self.picture("check")
        follow(self.page, "main a[href$='/code/'] >> nth=0")
        code = self.shown_code()
        self.picture("code")
        follow(self.page, "main form button[type=submit] >> nth=0")
        assert self.page.url.endswith("/sent/"), self.page.url
        assert self.shown_code() == code
        self.picture("sent")
        return code

    def fill(self, answers: Mapping[str, Any]) -> None:
        for name, value in answers.items():
            fields = self.page.locator(f"main form [name='{name}']")
            if fields.count():
                self._fill(name, value)

    def _fill(self, name: str, value: Any) -> None:
        first = self.page.locator(f"main form [name='{name}']").first
        kind = first.evaluate("element => element.type || element.tagName.toLowerCase()")
        if kind in {"radio", "checkbox"}:
            for one in value if isinstance(value, list) else [value]:
                self.page.locator(f"main form [name='{name}'][value='{one}']").check()
        elif kind.startswith("select"):
            first.select_option(value)
        else:
            first.fill(value)

    def shown_code(self) -> str:
        text = self.page.locator(".code").first.inner_text()
        return "".join(sign for sign in text if sign.isdigit())

    def read_page(self, code: str) -> str:
        """Your page, opened with the code; returns what stands on it."""
        self.page.goto(f"{self.base}/{self.language}/page/")
        if self.page.locator("main [name='code']").count():
            self.page.locator("main [name='code']").fill(code)
            follow(self.page, "main form button[type=submit] >> nth=0")
        self.picture("page")
        return self.page.locator("main").inner_text()

    def picture(self, name: str) -> None:
        if self.pictures:
            self.seen += 1
            self.page.screenshot(path=str(self.pictures / f"{self.language}-{self.seen:02}-{name}.png"), full_page=True)
