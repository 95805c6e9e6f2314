"""Chromium, as every test that looks at pages uses it."""

from playwright.sync_api import Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW = {"width": 320, "height": 640}


def follow(page: Page, target: str) -> None:
    """Presses what leads to another page, and comes back when that page is all there.

    A click alone comes back as soon as the answer has begun: what is asked of the page then may meet an empty one.
    """
    with page.expect_navigation():
        page.click(target)
