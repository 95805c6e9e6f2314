"""R15: forty open polls take nobody's thread away, with or without the buffering proxy; nor do they beside uploads."""

import contextlib
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.cases.api.calling import agreed_partner, api
from tests.conftest import REQUIRED
from tests.extent import EVERY_PAGE

from .test_slow_uploads import FULL, NGINX, Site, median, report, site, slow_uploads  # noqa: F401 a fixture

POLLS = 40
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("slow_uploads"),
    pytest.mark.skipif(not NGINX and not REQUIRED, reason="NOT RUN: nginx is not installed"),
]


@pytest.fixture
def tokens(reference: None) -> list[str]:
    """Of forty clients of eight partners."""
    partners = [agreed_partner() for _ in range(8)]
    return [str(api(partners[number % 8]).token) for number in range(POLLS)]


@contextlib.contextmanager
def open_polls(port: int, tokens: list[str]) -> Iterator[dict[str, int]]:
    """Each asks for what is new and waits for it; without a place it comes back when it was told to."""
    is_over, counted = threading.Event(), {"answers": 0, "without a place": 0}

    def poll(token: str) -> None:
        while not is_over.is_set():
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/changes/?wait=30")
            request.add_header("Authorization", f"Bearer {token}")
            try:
                with urllib.request.urlopen(request, timeout=40) as answer:
                    pause = answer.headers.get("Retry-After")
            except OSError:
                return  # the site ends
            counted["answers"] += 1
            counted["without a place"] += pause is not None
            is_over.wait(float(pause or 0))

    threads = [threading.Thread(target=poll, args=(token,), daemon=True) for token in tokens]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while counted["without a place"] < POLLS - 2 and time.monotonic() < until:
        time.sleep(0.05)  # all have asked once
    assert counted["without a place"] >= POLLS - 2, counted
    try:
        yield counted
    finally:
        is_over.set()


@pytest.mark.parametrize("way", ["proxy", "web"] if EVERY_PAGE else ["proxy"])
def test_a_report_goes_through_beside_forty_open_polls(tokens: list[str], site: Site, way: str) -> None:  # noqa: F811
    port = getattr(site, way)
    report(port)  # warm
    idle = median(port)
    with open_polls(port, tokens):
        busy = median(port)
    print(f"{way}: idle {idle * 1000:.0f} ms, beside {POLLS} open polls {busy * 1000:.0f} ms")
    assert busy <= 2 * idle


@pytest.mark.skipif(not FULL, reason="NOT RUN: both at once, with KORPU_FAULTS=full")
def test_a_report_goes_through_beside_uploads_and_polls(tokens: list[str], site: Site) -> None:  # noqa: F811
    report(site.proxy)
    idle = median(site.proxy)
    with slow_uploads(site.proxy), open_polls(site.proxy, tokens):
        busy = median(site.proxy)
    print(f"idle {idle * 1000:.0f} ms, beside 8 slow uploads and {POLLS} open polls {busy * 1000:.0f} ms")
    assert busy <= 2 * idle
