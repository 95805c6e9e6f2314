"""The same person is found again by number or address, in any spelling, and never by a name alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.actions.index_person import digest_of, index_person_step
from intake.actions.submit_report import ContactEntry, ReportEntry, submit_report
from intake.models import BlindIndex
from intake.queries.same_person import reports_of_same_person

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]
DAY = timedelta(days=1)


@pytest.fixture
def report(entry: Make, now: datetime) -> Callable[..., UUID]:
    def make(at: datetime = now, name: str = "", country: str = "RU", **contact: Any) -> UUID:
        made = entry(
            country=country,
            contact=ContactEntry(**contact) if contact else None,
            identity={"name": name} if name else None,
        )
        return submit_report(entry=made, now=at).report_id

    return make


def test_a_number_is_the_same_however_it_is_typed(report: Callable[..., UUID], now: datetime) -> None:
    one = report(method="phone", value="050 123 45 67", country="AZ")
    other = report(method="sms", value="+994 (50) 1234567")
    assert reports_of_same_person(one, since=now - DAY) == [other]


def test_a_messenger_is_known_by_its_number_and_not_by_a_name_of_its_own(
    report: Callable[..., UUID], now: datetime
) -> None:
    one = report(method="phone", value="+994501234567")
    other = report(method="messenger", value="+994501234567")
    handle = report(method="messenger", value="@someone")
    assert reports_of_same_person(one, since=now - DAY) == [other]
    assert not BlindIndex.objects.filter(report_id=handle).exists()


def test_an_address_is_the_same_in_capitals(report: Callable[..., UUID], now: datetime) -> None:
    one, other = report(method="email", value="A@example.org"), report(method="email", value="a@EXAMPLE.org")
    assert reports_of_same_person(other, since=now - DAY) == [one]


def test_a_name_alone_joins_nobody(report: Callable[..., UUID], now: datetime) -> None:
    one, _ = report(name="Əliyev Vüqar"), report(name="Алиев Вугар")
    assert BlindIndex.objects.filter(kind="name").count() == 2
    assert len(set(BlindIndex.objects.values_list("digest", flat=True))) == 1
    assert reports_of_same_person(one, since=now - DAY) == []


def test_the_person_concerned_is_found_again_whoever_writes(
    report: Callable[..., UUID], entry: Make, now: datetime
) -> None:
    about = entry(
        about="other",
        contact=ContactEntry(method="email", value="sister@example.org"),
        subject_contact=ContactEntry(method="phone", value="+994501234567"),
    )
    by_sister = submit_report(entry=about, now=now).report_id
    alone = report(method="sms", value="+994 (50) 1234567")
    assert reports_of_same_person(alone, since=now - DAY) == [by_sister]
    assert BlindIndex.objects.filter(report_id=by_sister).count() == 2


def test_who_does_not_know_of_the_report_is_not_indexed(entry: Make, now: datetime) -> None:
    unaware = entry(
        about="other", subject_unaware=True, subject_contact=ContactEntry(method="phone", value="+994501234567")
    )
    submit_report(entry=unaware, now=now)
    assert not BlindIndex.objects.exists()


def test_what_is_older_is_left_out(report: Callable[..., UUID], now: datetime) -> None:
    report(at=now - 31 * DAY, method="email", value="a@example.org")
    near = report(at=now - 29 * DAY, method="email", value="a@example.org")
    mine = report(method="email", value="a@example.org")
    assert reports_of_same_person(mine, since=now - 30 * DAY) == [near]


def test_a_number_and_an_address_never_share_a_hash(report: Callable[..., UUID], now: datetime) -> None:
    one = report()
    index_person_step(report_id=one, phones=["+994501234567"], emails=["a@example.org"], names=["+994501234567"])
    assert len(set(BlindIndex.objects.values_list("digest", flat=True))) == BlindIndex.objects.count()


def test_the_index_holds_no_word_of_the_person(report: Callable[..., UUID]) -> None:
    report(method="email", value="canary@example.org", name="Canary")
    stored = b" ".join(bytes(digest) for digest in BlindIndex.objects.values_list("digest", flat=True))
    assert len(stored) == 32 * 2 + 1 and b"anary" not in stored.lower()


def test_without_contact_and_name_it_costs_no_statement(report: Callable[..., UUID]) -> None:
    def cost(**values: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            report(**values)
        return len([query for query in captured if "blindindex" in query["sql"]])

    assert cost() == 0
    assert cost(name="…") == 0
    assert cost(method="email", value="a@example.org", name="Canary") == 1


def test_adding_again_adds_nothing_and_replacing_takes_the_old_away(report: Callable[..., UUID]) -> None:
    one = report(method="email", value="a@example.org", name="Canary One")
    index_person_step(report_id=one, emails=["a@example.org"])
    assert BlindIndex.objects.filter(report_id=one).count() == 2
    index_person_step(report_id=one, names=["Canary Two"], replaces=["name"])
    assert BlindIndex.objects.filter(report_id=one, kind="name").count() == 1
    index_person_step(report_id=one, replaces=["name", "email"])
    assert not BlindIndex.objects.filter(report_id=one).exists()


def test_nobody_floods_the_index(report: Callable[..., UUID]) -> None:
    one = report()
    index_person_step(report_id=one, names=[f"Canary {'a' * size}b" for size in range(500)])
    assert BlindIndex.objects.filter(report_id=one).count() <= 8


def test_a_number_an_address_and_a_name_never_share_a_hash() -> None:
    """Else somebody who has the table could tell that one word is a name here and an actor there."""
    assert len({digest_of(kind, "the same") for kind in BlindIndex.Kind.values}) == len(BlindIndex.Kind.values)
