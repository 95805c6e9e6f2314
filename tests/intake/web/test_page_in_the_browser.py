"""The reporter's page and all behind it in a browser: narrow, by axe's rules, empty and full, in three languages."""

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import Browser

from intake.actions.change_consent import ask_consent
from intake.actions.complain import complain
from intake.actions.messages import notice_step, post_message, write_to_reporter_step
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.actions.publish_status import publish_status
from intake.actions.record_access import record_access
from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry, submit_report
from intake.models import Body
from intake.web import cookies

from .test_in_the_browser import NARROW, browser, context_of, site

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACES = ("", "messages/", "share/", "share/other/", "stop/", "contact/", "contact/email/", "contact/phone/", "add/")
PLACES += (
    "add/1/",
    "add/2/",
    "add/3/",
    "add/4/",
    "add/q/1/",
    "add/q/1/more/",
    "seen/",
    "say/",
    "copy/",
    "back/",
    "end/",
)
LONG = "Uzunsözlüadıolanbirtəşkilat " * 3


def full_report() -> str:
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    contact = ContactEntry(method="phone", value="8 900 123-45-67", days=(0,), hours_from="09:00", hours_until="18:00")
    consent = ConsentEntry(share="any", groups=frozenset({"story"}), text_version=1)
    entry = ReportEntry(
        channel="web",
        language="az",
        country="RU",
        region="RU-MOW",
        category="WRK",
        about="other",
        contact=contact,
        consent=consent,
        story="Canary",
        answers={"held": "yes"},
    )
    report_id = submit_report(entry=entry, now=now).report_id
    body = Body.objects.create(kind="partner", labels={"en": LONG, "az": LONG, "ru": LONG})
    publish_status(report_id=report_id, code="triage", expected_by=timezone.now().replace(year=2030), now=now)
    ask_consent(report_id=report_id, body_id=body.pk, now=now)
    ask_partner_erasure_step(report_id=report_id, bodies={uuid4(): body.pk}, now=now)
    record_access(
        report_id=report_id,
        voice="partner",
        by_ref=None,
        body_id=body.pk,
        purpose="case_fetched",
        groups=["story"],
        now=now,
    )
    post_message(report_id=report_id, text="Salam\n" + "x" * 90, submission_key="a", now=now)
    write_to_reporter_step(report_id=report_id, voice="caseworker", by_ref=None, body_id=None, text="Cavab", now=now)
    notice_step(report_id=report_id, code="vital_interest", body_id=body.pk, now=now)
    complain(report_id=report_id, about=body.pk, text="x", submission_key="a", now=now)
    return str(report_id)


def empty_report() -> str:
    entry = ReportEntry(channel="web", language="az", country="AZ", category="OTH")
    return str(submit_report(entry=entry, now=timezone.now()).report_id)


@pytest.mark.parametrize(("language", "colours"), [("az", "light"), ("ru", "dark"), ("en", "light")])
@pytest.mark.parametrize("make", [full_report, empty_report])
def test_every_page_is_accessible_and_fits_a_small_phone(
    browser: Browser, site: str, language: str, colours: str, make: object
) -> None:
    response = HttpResponse()
    cookies.keep_page(response, UUID(make()))  # type: ignore[operator]
    is_full = make is full_report
    with context_of(browser, viewport=NARROW, color_scheme=colours) as context:
        context.add_cookies([{"name": cookies.PAGE, "value": response.cookies[cookies.PAGE].value, "url": site}])
        page = context.new_page()
        for place in PLACES if is_full else ("", "messages/", "share/", "contact/", "add/", "seen/", "say/"):
            page.goto(f"{site}/{language}/page/{place}")
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], place
            found = Axe().run(page)
            assert found.violations_count == 0, f"{place}: {found.generate_report()}"
            _keep(page, f"{language}-{'full' if is_full else 'empty'}-{place.replace('/', '_') or 'page'}")


def _keep(page: object, name: str) -> None:
    """Pictures for people who want to look: KORPU_SHOTS names the folder."""
    folder = os.environ.get("KORPU_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)  # type: ignore[attr-defined]
