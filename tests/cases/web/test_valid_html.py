"""The W3C's validator finds no error on any page of the console."""

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
    clients = {role: signed_in(staff(role, directions=[3])) for role in Role.values}
    for row in PAGES:
        for status in ("200", "403"):
            role = next((role for role in Role.values if row[role] == status), None)
            if role:
                pages[f"{row['url']} {status}"] = clients[role].get(address_of(row, now)).content
    pages["case"] = signed_in(staff()).get(f"/console/cases/{case.reference}/").content
    assert len(pages) > 20
    assert html_errors(pages, java=java, folder=tmp_path) == []
