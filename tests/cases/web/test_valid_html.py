"""The W3C's validator finds no error on any page of the console, as each role sees it."""

from datetime import datetime
from pathlib import Path

import pytest

from cases.models.user import Role
from tests.cases.arrange import on_duty, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.cases.web.test_urls import TABLE, address_of
from tests.html import html_errors

pytestmark = [pytest.mark.django_db, pytest.mark.validator, pytest.mark.usefixtures("reference")]
PAGES = [row for row in TABLE if row["method"] == "GET" and row["object"] != "other"]


def test_no_page_has_an_error(now: datetime, java: str, tmp_path: Path) -> None:
    case = opened(now, category="DET", story="Nə baş verib?")
    referral(case, partner("AZ"), now)
    on_duty(staff(), now)
    pages = {}
    for role in Role.values:
        client = signed_in(staff(role, directions=[3]))
        for row in PAGES:
            answer = client.get(address_of(row, now))
            if answer.status_code != 302 and answer["Content-Type"].startswith("text/html"):
                pages[f"{role} {row['url']} {answer.status_code}"] = answer.content
    pages["case"] = signed_in(staff()).get(f"/console/cases/{case.reference}/").content
    assert len(pages) > len(PAGES)
    assert html_errors(pages, java=java, folder=tmp_path) == []
