"""The pages on which a partner is edited and settings are tried: axe finds nothing, open or closed, right or wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from tests.browsing import follow
from tests.cases.arrange import in_state, opened
from tests.cases.routing_world import make_partner
from tests.cases.web.test_accessible import context, enter, problems  # noqa: F401 a fixture
from tests.extent import BROWSER_LANGUAGES, TAKES_LONG

pytestmark = [TAKES_LONG, pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.mark.parametrize("language", BROWSER_LANGUAGES)
def test_a_partner_is_edited_by_everybody(
    language: str,
    context: BrowserContext,  # noqa: F811
    live_server: Any,
    reference: None,
    now: datetime,
) -> None:
    until = timezone.now().date() + timedelta(days=9)
    owner = make_partner(paused_until=until, paused_because="no_money", closed_days=[["2026-12-28", "2027-01-08"]])
    enter(context, live_server.url, "partner_coordinator", language)
    page = context.new_page()
    address = f"{live_server.url}/console/partners/{owner.slug}/"
    wrong = look(page, f"{address}edit/")
    page.fill("[name=hours_0]", "18:00–09:00")
    page.fill("[name=capacity]", "99999")
    follow(page, "form[action$='/save/'] button:not([name])")
    wrong += look(page)
    wrong += look(page, f"{live_server.url}/console/partners/try/") + look(page, address)
    enter(context, live_server.url, "administrator", language)
    wrong += look(page, f"{live_server.url}/console/routing/")
    page.fill("[name=weights__free]", "2")
    follow(page, "button[formaction]")
    wrong += look(page)
    in_state(opened(now), "unrouted", unrouted_at=now)
    enter(context, live_server.url, "caseworker", language)
    wrong += look(page, f"{live_server.url}/console/queue/?tab=unrouted")
    assert wrong == []


def look(page: Page, address: str = "") -> list[tuple[str, str]]:
    """With everything closed, then with everything open."""
    if address:
        page.goto(address)
    found = [(page.url, one) for one in problems(page)]
    page.evaluate(OPEN)
    return found + [(f"{page.url} open", one) for one in problems(page)]
