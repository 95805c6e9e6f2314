"""The queue: tabs, filters in the address, keyset pages, few statements, nothing personal."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, User
from cases.queries.queue import Filters, queue
from cases.web.words import time_left
from intake.actions.entry import ContactEntry
from intake.models import ReportKey
from intake.queries import reference_data
from tests.cases.arrange import in_state, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
CANARY = "Canary-7391"
PERSONAL: dict[str, Any] = {
    "story": CANARY,
    "identity": {"name": CANARY},
    "family": CANARY,
    "actor_name": CANARY,
    "must_not_see_text": CANARY,
    "contact": ContactEntry(method="phone", value="+7 900 739 17 39", cover_name=CANARY, timezone="Europe/Moscow"),
}


def copies(case: Case, number: int) -> None:
    """Rows like this one: the queue reads columns of cases only, so their reports may be shared keys of nobody."""
    from intake.models import Report

    report = Report.objects.get(pk=case.report_id)
    for step in range(number):
        report.pk, report.reference = None, f"T{step:06d}"
        report.id = Report._meta.pk.get_default()  # type: ignore[union-attr]
        report.code_hash = report.submission_key = None
        report.save(force_insert=True)
        case.pk, case.report_id, case.reference = Case._meta.pk.get_default(), report.pk, report.reference  # type: ignore[union-attr]
        case.received_at += timedelta(minutes=1)
        case.save(force_insert=True)


@pytest.mark.parametrize("rows", [1, 100])
def test_a_page_takes_five_statements_however_many_cases_wait(
    rows: int, now: datetime, settings: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = staff()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    copies(opened(now), rows - 1)
    client = signed_in(user)
    reference_data()
    with django_assert_max_num_queries(5):
        answer = client.get("/console/queue/?tab=open")
    assert answer.content.count(b"file-link") == min(rows, 50)


def test_pages_follow_each_other_without_a_gap_or_a_repeat(now: datetime) -> None:
    user, first = staff(), opened(now)
    copies(first, 6)
    seen, after = [], ""
    while True:
        page = queue(user, tab="open", filters=Filters(), after=after, now=now, size=3)
        seen += [row["reference"] for row in page.rows]
        if not (after := page.after):
            break
    assert len(seen) == len(set(seen)) == 7
    in_order = Case.objects.order_by("urgency", "received_at", "id")
    assert seen == list(in_order.values_list("reference", flat=True))


@pytest.mark.parametrize(
    ("tab", "change"),
    [
        ("mine", "responsible"),
        ("triage", {"state": "triage"}),
        ("unrouted", {"state": "unrouted"}),
        ("waiting", {"state": "waiting_for_reporter"}),
        ("overdue", {"due_at": datetime.fromisoformat("2020-01-01T00:00:00Z")}),
        ("open", {"state": "accepted"}),
    ],
)
def test_each_tab_shows_its_cases_of_the_own_side(tab: str, change: Any, now: datetime) -> None:
    user = staff()
    shown, other, closed = opened(now), opened(now, handler="RU"), opened(now)
    columns = {"responsible": user} if change == "responsible" else change
    Case.objects.filter(pk__in=[shown.pk, other.pk]).update(**columns)
    in_state(closed, "closed", due_at=None)
    page = queue(user, tab=tab, filters=Filters(), after="", now=now)
    assert [row["reference"] for row in page.rows] == [shown.reference]


def test_filters_narrow_and_stay_in_the_address(now: datetime) -> None:
    shown, other = opened(now, category="DET"), opened(now)
    page = signed_in(staff()).get("/console/queue/?tab=open&category=DET&urgency=1&region=RU-MOW&language=az").content
    assert shown.reference.encode() in page
    assert other.reference.encode() not in page
    assert b"tab=unrouted&amp;category=DET&amp;urgency=1&amp;language=az&amp;region=RU-MOW" in page


@pytest.mark.parametrize(
    "query",
    [
        "tab=x",
        "category=%00",
        "urgency=9",
        "urgency=<script>",
        "region=RU-XXX",
        "language=xx",
        "after=zzz",
        "after=%F0",
    ],
)
def test_a_value_nobody_knows_is_said_so(query: str) -> None:
    answer = signed_in(staff(language="en")).get(f"/console/queue/?{query}")
    assert answer.status_code == 422
    assert b"holds a value that is not known" in answer.content
    assert b"<script>" not in answer.content


def test_a_place_of_one_tab_is_none_in_another(now: datetime) -> None:
    user = staff()
    copies(opened(now), 3)
    place = queue(user, tab="open", filters=Filters(), after="", now=now, size=2).after
    assert signed_in(user).get("/console/queue/", {"tab": "overdue", "after": place}).status_code == 422


def test_no_list_shows_or_opens_anything_personal(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    case = opened(now, **PERSONAL)
    referral(case, partner(), now)
    monkeypatch.setattr(ReportKey, "open", lambda self: pytest.fail("a list opened a report's key"))
    for role, address in LISTS:
        page = client_of(role).get(address).content
        assert CANARY.encode() not in page
        assert b"7391" not in page


LISTS = [
    ("caseworker", "/console/queue/?tab=open"),
    ("supervisor", "/console/deliveries/"),
    ("supervisor", "/console/health/"),
    ("partner_coordinator", "/console/partners/"),
    ("auditor", "/console/access/"),
    ("working_group_member", "/console/figures/?country=RU"),
]


def client_of(role: str) -> Client:
    user: User = staff(role)
    return signed_in(user)


def test_the_next_case_is_taken_and_opened(now: datetime) -> None:
    user, case = staff(), opened(now)
    answer = signed_in(user).post("/console/queue/next/")
    assert answer.headers["Location"] == f"/console/cases/{case.reference}/"
    assert Case.objects.get().responsible == user


def test_when_nothing_waits_the_page_says_so() -> None:
    answer = signed_in(staff(language="en")).post("/console/queue/next/", follow=True)
    assert b"No free case waits" in answer.content


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (59, "59 min left"),
        (150, "2 h left"),
        (6000, "4 d left"),
        (-5, "overdue by 5 min"),
        (-190, "overdue by 3 h"),
        (-9000, "overdue by 6 d"),
    ],
)
def test_time_is_told_in_words(minutes: int, said: str, now: datetime) -> None:
    assert time_left(now + timedelta(minutes=minutes), now) == said
