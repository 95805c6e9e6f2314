"""In real Chromium: axe finds nothing on any page in any language, and nothing overflows a narrow telephone."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, sync_playwright

from cases.actions.add_note import add_note
from cases.actions.end_case import close_case
from cases.actions.follow_ups import add_follow_up
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.legal_hold import set_legal_hold
from cases.actions.vital_interest import approve_vital_interest, ask_vital_interest
from cases.actions.write_to_reporter import write_to_reporter
from cases.models import Case, CaseGroup
from intake.actions.complain import complain
from intake.actions.messages import post_message
from tests.browsing import FLAGS, follow
from tests.cases.arrange import acting, in_state, on_duty, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.cases.web.test_coverage_pages import moved_job
from tests.extent import BROWSER_LANGUAGES, EVERY_PAGE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = {
    "caseworker": [
        "/console/queue/",
        "/console/queue/?tab=open",
        "/console/queue/?region=XX",
        "/console/follow-ups/",
        "/console/partners/coverage/",
        "GROUP",
        "CASE",
        "CALL",
    ],
    "supervisor": [
        "/console/deliveries/",
        "/console/duty/",
        "/console/health/",
        "/console/vital/",
        "/console/complaints/",
        "/console/holds/",
        "/console/closings/",
        "/console/routing/",
        "CASE",
    ],
    "partner_coordinator": [
        "/console/partners/",
        "/console/partners/new/",
        "/console/partners/agreements/",
        "/console/partners/agreements/new/",
        "/console/approvals/",
        "/console/erasures/",
        "/console/partners/try/",
        "DRY_RUN",
        "PARTNER",
    ],
    "working_group_member": ["/console/figures/"],
    "administrator": ["/console/accounts/"],
    "auditor": ["/console/access/"],
    "": ["/account/login/", "/account/password/reset/"],
}
KINDS = {  # one of each kind of page: what `make test` looks at
    "/console/queue/",
    "CASE",
    "CALL",
    "/console/duty/",
    "/console/partners/new/",
    "PARTNER",
    "/console/figures/",
    "/console/accounts/",
    "/account/login/",
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOO_WIDE = """() => [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > 321)
    .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 30)).slice(-4)"""


@pytest.fixture
def context(chromium: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser.new_context(viewport={"width": 320, "height": 800})
        browser.close()


@pytest.mark.parametrize("language", BROWSER_LANGUAGES)
def test_every_page_is_accessible_and_fits(
    language: str, context: BrowserContext, live_server: Any, reference: None, now: datetime
) -> None:
    case, owner = opened(now, category="DET", story="Nə baş verib?"), partner("AZ")
    referral(case, owner, now)
    on_duty(staff(), now)
    everything_on(case, now)
    places = {
        "CASE": f"/console/cases/{case.reference}/",
        "PARTNER": f"/console/partners/{owner.slug}/",
        "GROUP": f"/console/groups/{a_group(case, now).pk}/",
        "DRY_RUN": f"/console/partners/try/{moved_job(case, owner, now).pk}/",
    }
    wrong = []
    for role, addresses in PAGES.items():
        enter(context, live_server.url, role, language)
        page = context.new_page()
        for address in [one for one in addresses if EVERY_PAGE or one in KINDS]:
            if address == "CALL":
                wrong += [f"{role} {where}: {problem}" for where, problem in a_call(page, live_server.url)]
                continue
            page.goto(live_server.url + places.get(address, address))
            wrong += [f"{role} {address}: {problem}" for problem in problems(page)]
    assert wrong == []


def everything_on(case: Case, now: datetime) -> None:
    """Messages of every voice, a vital interest asked and one approved, a complaint, a hold."""
    worker, supervisor, helper = staff(), staff("supervisor"), partner("AZ")
    post_message(report_id=case.report_id, text="Salam", submission_key="a", now=now)
    write_to_reporter(case_id=case.pk, text="Salam", by=acting(worker), now=now)
    add_note(case_id=case.pk, text="Qeyd", by=acting(worker), now=now)
    complain(report_id=case.report_id, about=None, text="Şikayət", submission_key="b", now=now)
    asked: dict[str, Any] = {"case_id": case.pk, "groups": ["identity"], "reason": "x", "by": acting(worker)}
    ask_vital_interest(partner_id=partner("AZ").pk, now=now, **asked)
    row = ask_vital_interest(partner_id=helper.pk, now=now, **asked)
    later = now.date() + timedelta(days=2)
    approve_vital_interest(vital_id=row.pk, is_safe_to_tell=False, tell_on=later, by=acting(supervisor), now=now)
    until = timezone.now().date() + timedelta(days=9)
    set_legal_hold(case_id=case.pk, reason="x", until=until, by=acting(supervisor), now=now)


def a_group(case: Case, now: datetime) -> CaseGroup:
    """Two cases, one note; and a closing that waits for a second person."""
    worker = acting(staff())
    other = in_state(opened(now, category="DET"), "resolved")
    group = group_cases(case_id=other.pk, other_id=case.pk, by=worker, now=now)
    write_group_note(group_id=group.pk, text="Qeyd", by=worker, now=now)
    add_follow_up(case_id=case.pk, text="Zəng", local=now.replace(tzinfo=None) + timedelta(days=1), by=worker, now=now)
    close_case(case_id=other.pk, outcome="resolved_full", by=worker, now=now)
    return group


def a_call(page: Page, url: str) -> list[tuple[str, str]]:
    """Every page of phone intake: safe or not, empty, with errors, the code."""
    found = []

    def look(name: str) -> None:
        found.extend((name, problem) for problem in problems(page))

    page.goto(f"{url}/console/call/?speak=ru")
    look("call")
    follow(page, "button[value=no]")
    look("unsafe")
    follow(page, "form[action$='/back/'] button[type=submit]")
    look("unsafe with errors")
    page.goto(f"{url}/console/call/form/")
    look("form")
    follow(page, "button[value=file]")
    look("form with errors")
    page.check("input[name=where-country][value=RU]")
    page.select_option("select[name=what-kind]", "WRK")
    page.click("button[value=file]")
    page.wait_for_url("**/form/#h-2")
    page.click("button[value=file]")
    page.wait_for_url("**/code/")
    look("code")
    page.click("main button[type=submit]")
    return found


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
    if wide:
        found.append(f"{wide} px too wide: {page.evaluate(TOO_WIDE)}")
    if styled == "rgba(0, 0, 0, 0)":
        found.append("no style")
    return found


def test_the_vendored_style_sheet_is_the_one_that_was_recorded() -> None:
    folder = Path(__file__).resolve().parents[3] / "cases/static/console/vendor"
    digest = hashlib.sha256((folder / "bootstrap.min.css").read_bytes()).hexdigest()
    assert digest in (folder / "VENDORED.md").read_text()
