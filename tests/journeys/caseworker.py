"""A caseworker at the console, in a browser."""

from playwright.sync_api import Page

from tests.browsing import follow


class Caseworker:
    def __init__(self, page: Page, base: str, name: str) -> None:
        self.page, self.base = page, base
        page.goto(f"{base}/demo/")
        follow(page, f"li:has-text('{name}') button")

    def open(self, reference: str) -> None:
        self.page.goto(f"{self.base}/console/cases/{reference}/")

    def confirm_triage(self, reference: str) -> None:
        self.open(reference)
        follow(self.page, "form[action$='/triage/'] button[type=submit] >> nth=-1")

    def offer_first_proposal(self, reference: str) -> None:
        """Waits for the worker's decision by loading the page again, as a person would."""
        for _ in range(40):
            self.open(reference)
            button = self.page.locator("form[action$='/offer/'] button[type=submit]").first
            if button.count():
                with self.page.expect_navigation() as shown:
                    button.click()
                if shown.value.status < 400:
                    return
                continue  # a worker had changed the case meanwhile, and the page said so
            self.page.wait_for_timeout(500)
        raise AssertionError("no proposal came")
