"""How somebody is reached is replaced as a whole, or forbidden; the newest word counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.actions.change_contact import change_contact
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ContactEntry, ReportEntry, submit_report
from intake.errors import InvalidInput, ReportErased
from intake.models import BlindIndex, IntakeEvent, ReportKey, SafeContact
from intake.queries import current_contact

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]
PHONE = ContactEntry(
    method="phone",
    value="8 900 000-00-22",
    days=(4, 0),
    hours_from="22:00",
    hours_until="06:00",
    device_shared="yes",
    may_leave_message=True,
    cover_name="Canary-cover",
    safe_word="Canary-word",
    valid_until="2026-12-31",
)


@pytest.fixture
def report_id(entry: Make, now: datetime) -> UUID:
    return submit_report(entry=entry(region="RU-KAM"), now=now).report_id


def test_the_whole_model_is_kept(report_id: UUID, now: datetime) -> None:
    change_contact(report_id=report_id, contact=PHONE, now=now)
    row, key = current_contact(report_id), ReportKey.of(report_id)
    assert row is not None
    assert (row.method, row.days, row.hours_from, row.hours_until) == ("phone", [0, 4], time(22), time(6))
    assert (row.timezone, row.device_shared, row.may_leave_message) == ("Asia/Kamchatka", "yes", True)
    assert (row.valid_until, row.never_contact, row.notify) == (date(2026, 12, 31), False, False)
    opened = [row.unseal(key, name) for name in ("value", "cover_name", "safe_word")]
    assert opened == ["+79000000022", "Canary-cover", "Canary-word"]
    assert IntakeEvent.objects.get(kind="corrected").subject == row.pk
    assert BlindIndex.objects.filter(report_id=report_id, kind="phone").exists()


def test_never_replaces_all_that_was_allowed_before(report_id: UUID, now: datetime) -> None:
    change_contact(report_id=report_id, contact=PHONE, now=now)
    never = ContactEntry(never_contact=True)
    change_contact(report_id=report_id, contact=never, now=now + timedelta(seconds=1))
    row = current_contact(report_id)
    assert row is not None and row.never_contact and row.value is None


def test_saying_the_same_again_changes_nothing(report_id: UUID, now: datetime) -> None:
    assert change_contact(report_id=report_id, contact=PHONE, now=now) is not None
    assert change_contact(report_id=report_id, contact=PHONE, now=now + timedelta(seconds=5)) is None
    assert SafeContact.objects.count() == 1 and IntakeEvent.objects.filter(kind="corrected").count() == 1
    other = replace(PHONE, safe_word="another")
    assert change_contact(report_id=report_id, contact=other, now=now + timedelta(seconds=9)) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "abc"},
        {"value": ""},
        {"method": ""},
        {"method": "pigeon"},
        {"method": "email"},
        {"days": (7,)},
        {"hours_until": ""},
        {"hours_until": "22:00"},
        {"hours_from": "25:00"},
        {"timezone": "Nowhere/Such"},
        {"device_shared": "maybe"},
        {"valid_until": "soon"},
        {"cover_name": "x" * 201},
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_old_rules_stay(
    report_id: UUID, now: datetime, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        change_contact(report_id=report_id, contact=replace(PHONE, **changes), now=now)
    assert not SafeContact.objects.exists() and not IntakeEvent.objects.filter(kind="corrected").exists()


def test_an_empty_entry_is_no_answer(report_id: UUID, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        change_contact(report_id=report_id, contact=ContactEntry(), now=now)


def test_the_person_concerned_is_reached_apart_and_only_where_they_know(entry: Make, now: datetime) -> None:
    other = submit_report(entry=entry(about="other"), now=now).report_id
    change_contact(report_id=other, contact=PHONE, now=now, voice="affected_person")
    assert current_contact(other) is None and current_contact(other, "affected_person") is not None
    assert BlindIndex.objects.filter(report_id=other, kind="phone").count() == 1
    unaware = submit_report(entry=entry(about="other", subject_unaware=True), now=now).report_id
    oneself = submit_report(entry=entry(), now=now).report_id
    for report_id in (unaware, oneself):
        with pytest.raises(InvalidInput):
            change_contact(report_id=report_id, contact=PHONE, now=now, voice="affected_person")


def test_it_is_found_by_number_or_address_as_at_first_and_an_old_number_stays(entry: Make, now: datetime) -> None:
    at_first = submit_report(entry=entry(region="RU-KAM", contact=PHONE), now=now).report_id
    later = submit_report(entry=entry(region="RU-KAM"), now=now).report_id
    change_contact(report_id=later, contact=PHONE, now=now)
    digests = {bytes(row.digest) for row in BlindIndex.objects.filter(report_id__in=(at_first, later))}
    assert len(digests) == 1
    mail = ContactEntry(method="email", value="Someone@Example.org")
    change_contact(report_id=later, contact=mail, now=now + timedelta(seconds=1))
    assert sorted(BlindIndex.objects.filter(report_id=later).values_list("kind", flat=True)) == ["email", "phone"]


def test_of_an_erased_report_nobody_is_reached(report_id: UUID, now: datetime) -> None:
    erase_report(report_id=report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        change_contact(report_id=report_id, contact=PHONE, now=now)
    assert not SafeContact.objects.exists()
