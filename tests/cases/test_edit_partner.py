"""A partner's own facts: what cannot be so is refused at its field, and of two people who edit the second is told."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection

from cases.actions.edit_partner import Edited, PartnerContact, edit_partner
from cases.actions.pause_partner import pause_partner, resume_partner
from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import PartnerEdit, PartnerOrganisation, User, WorkingHours
from cases.partner_sheet import PartnerSheet, ServiceSheet
from cases.queries.calendars import partner_calendar
from cases.queries.partner_sheet import edits_of, sheet_of
from cases.queries.remembered import forget_reference
from intake.errors import InvalidInput
from intake.models import Country
from tests.cases.arrange import at_once
from tests.cases.routing_world import NOW, fill, make_partner, make_reference, make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def reference_rows() -> None:
    make_reference()
    Country.objects.filter(code="AZ").update(timezone="Asia/Baku")


def contact_of(partner: PartnerOrganisation) -> PartnerContact:
    names = tuple(partner.related_bodies)
    return PartnerContact(partner.email, partner.phone, partner.duty_phone, partner.language, names)


def coordinator(**columns: Any) -> Actor:
    return Actor("staff", make_staff("partner_coordinator", **columns).pk)


@pytest.fixture(autouse=True)
def page_languages(reference_rows: None) -> None:
    from intake.models import Language

    Language.objects.filter(code__in=["az", "ru", "en"]).update(is_interface=True)


def edited(partner: PartnerOrganisation, by: Actor | None = None, seen: int = 1, **changes: Any) -> Edited:
    facts = {name: value for name, value in changes.items() if name in PartnerSheet.__dataclass_fields__}
    contact = {name: value for name, value in changes.items() if name not in facts}
    return edit_partner(
        partner_id=partner.pk,
        sheet=replace(sheet_of(partner), **facts),
        contact=replace(contact_of(partner), **contact),
        seen=seen,
        by=by or coordinator(),
        now=NOW,
    )


def test_everything_that_was_edited_stands_in_the_rows() -> None:
    partner = make_partner()
    changes: Mapping[str, Any] = {
        "capacity": 9,
        "timezone": "Asia/Baku",
        "working_hours": ((0, "09:00", "13:00"), (0, "14:00", "24:00"), (6, "00:00", "06:00")),
        "closed_days": (("2026-12-28", "2027-01-08"),),
        "areas": (("AZ", None, True), ("RU", "RU-SPE", False)),
        "languages": ("en",),
        "interpreter_languages": ("az", "lez"),
        "services": {
            "EDU": ServiceSheet(age_bands=("14_17",), genders=("female",), child_safeguarding=True),
            "WRK": ServiceSheet(is_specialised=True),
        },
        "email": "new@example.org",
        "duty_phone": "+7 900 000-00-00",
        "related_bodies": ("Sınaq Nazirliyi",),
    }
    found = edited(partner, **changes)
    again = PartnerOrganisation.objects.get(pk=partner.pk)
    assert {name: getattr(sheet_of(again), name) for name in changes if name in asdict(sheet_of(again))} == {
        name: value for name, value in changes.items() if name in asdict(sheet_of(again))
    }
    assert (again.email, again.duty_phone, again.related_bodies) == (
        "new@example.org",
        "+7 900 000-00-00",
        ["Sınaq Nazirliyi"],
    )
    assert set(found.changed) == set(changes) and again.version == 2


def test_the_record_of_an_edit_names_fields_and_never_what_stood_in_them() -> None:
    partner, by = make_partner(), coordinator()
    edited(partner, by, phone="+994 7391", related_bodies=("Canary",))
    (row,) = edits_of(partner)
    assert (row.by_id, row.at, row.version, row.changed) == (by.ref, NOW, 2, ["phone", "related_bodies"])


def test_the_telephone_numbers_are_sealed_in_their_columns() -> None:
    edited(make_partner(), phone="+994 7391", duty_phone="+994 7391")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, duty_phone FROM cases_partnerorganisation")
        assert "7391" not in str([bytes(str(one), "utf-8") for one in cursor.fetchone()])


def test_what_is_the_same_makes_no_version_and_wakes_nobody() -> None:
    partner = make_partner()
    assert edited(partner).changed == []
    assert PartnerOrganisation.objects.get().version == 1
    assert not PartnerEdit.objects.exists()


ONE_SERVICE = {"WRK": ServiceSheet()}
TOO_MANY_HOURS = tuple((day, f"{hour:02}:00", f"{hour:02}:30") for day in range(7) for hour in range(15))
TOO_MANY_DAYS = tuple((f"{NOW.date() + n * 3 * DAY}", f"{NOW.date() + n * 3 * DAY}") for n in range(101))


@pytest.mark.parametrize(
    ("at", "changes"),
    [
        ("capacity", {"capacity": -1}),
        ("capacity", {"capacity": 10_001}),
        ("capacity", {"capacity": 1.5}),
        ("capacity", {"capacity": True}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../etc/passwd"}),
        ("services", {"services": {}}),
        ("services", {"services": {"NONE": ServiceSheet()}}),
        ("services.WRK.subcodes", {"services": {"WRK": ServiceSheet(subcodes=("NONE",))}}),
        ("services.WRK.subcodes", {"services": {"WRK": ServiceSheet(subcodes=("UNPAID", "UNPAID"))}}),
        ("services.WRK.age_bands", {"services": {"WRK": ServiceSheet(age_bands=("old",))}}),
        ("services.WRK.genders", {"services": {"WRK": ServiceSheet(genders=("x",))}}),
        ("services.WRK.child_safeguarding", {"services": {"WRK": ServiceSheet(age_bands=("14_17", "under_14"))}}),
        ("areas", {"areas": ()}),
        ("areas", {"areas": (("AZ", "RU-MOW", False),)}),
        ("areas", {"areas": (("AZ", "AZ-NOWHERE", False),)}),
        ("areas", {"areas": (("XX", None, False),)}),
        ("remote_areas", {"areas": (("RU", "RU-MOW", False), ("RU", "RU-MOW", True))}),
        ("languages", {"languages": (), "interpreter_languages": ()}),
        ("languages", {"languages": ("xx",)}),
        ("interpreter_languages", {"languages": ("az",), "interpreter_languages": ("az",)}),
        ("around_the_clock", {"around_the_clock": True}),
        ("working_hours.0", {"working_hours": ((0, "18:00", "09:00"),)}),
        ("working_hours.0", {"working_hours": ((0, "09:00", "09:00"),)}),
        ("working_hours.0", {"working_hours": ((0, "24:00", "09:00"),)}),
        ("working_hours.2", {"working_hours": ((2, "09:00", "13:00"), (2, "12:59", "18:00"))}),
        ("working_hours.1", {"working_hours": ((1, "9 o'clock", "18:00"),)}),
        ("working_hours.1", {"working_hours": ((1, "0900", "18:00"),)}),
        ("working_hours.1", {"working_hours": ((1, "09:00", "18:00+04:00"),)}),
        ("working_hours.7", {"working_hours": ((7, "09:00", "18:00"),)}),
        ("working_hours", {"working_hours": TOO_MANY_HOURS}),
        ("closed_days", {"closed_days": TOO_MANY_DAYS}),
        ("closed_days", {"closed_days": (("2026-12-31", "2026-12-30"),)}),
        ("closed_days", {"closed_days": (("2026-12-28", "2027-01-08"), ("2027-01-08", "2027-01-09"))}),
        ("closed_days", {"closed_days": (("2026-12-28", "2027-03-28"),)}),
        ("closed_days", {"closed_days": (("soon", "2027-03-28"),)}),
        ("email", {"email": "nobody"}),
        ("language", {"language": "lez"}),
        ("phone", {"phone": "0" * 41}),
        ("duty_phone", {"duty_phone": "0" * 41}),
        ("related_bodies", {"related_bodies": ("x" * 201,)}),
        ("related_bodies", {"related_bodies": tuple(map(str, range(51)))}),
    ],
)
def test_what_cannot_be_so_is_refused_at_its_field(at: str, changes: dict[str, Any]) -> None:
    partner = make_partner()
    before = sheet_of(partner)
    with pytest.raises(InvalidInput) as refused:
        edited(partner, **changes)
    assert list(refused.value.fields) == [at]
    again = PartnerOrganisation.objects.get()
    assert (sheet_of(again), again.version, again.email) == (before, 1, partner.email)


def test_periods_may_touch_and_a_day_may_end_at_midnight() -> None:
    hours = ((2, "09:00", "13:00"), (2, "13:00", "24:00"))
    days = (("2026-12-28", "2026-12-30"), ("2026-12-31", "2026-12-31"))
    edited(make_partner(timezone="Asia/Kamchatka"), working_hours=hours, closed_days=days)
    calendar = partner_calendar(PartnerOrganisation.objects.get())
    assert calendar.hours == {2: [(time(9), time(13)), (time(13), time(0))]}
    assert {date(2026, 12, day) for day in (28, 29, 30, 31)} <= calendar.holidays
    assert str(calendar.zone) == "Asia/Kamchatka"


def test_without_hours_of_its_own_those_of_its_side_count_in_its_own_zone() -> None:
    WorkingHours.objects.all().delete()
    WorkingHours.objects.create(side="RU", weekday=3, start=time(10), end=time(16), timezone="Europe/Moscow")
    forget_reference()
    partner = make_partner(side="RU", working_hours=[], timezone="Asia/Kamchatka")
    calendar = partner_calendar(partner)
    assert (calendar.hours, str(calendar.zone)) == ({3: [(time(10), time(16))]}, "Asia/Kamchatka")
    forget_reference()


def test_one_that_is_not_active_may_have_no_service_yet() -> None:
    edited(make_partner(), is_active=False, services={}, areas=(), languages=())
    assert not PartnerOrganisation.objects.get().services.exists()


def test_a_capacity_below_what_is_in_hand_is_taken_with_a_word_about_it() -> None:
    partner = make_partner()
    fill(partner, 3)
    assert edited(partner, capacity=2).load == 3
    assert PartnerOrganisation.objects.get().capacity == 2


def test_the_second_of_two_who_edit_is_told_and_changes_nothing() -> None:
    partner = make_partner()
    edited(partner, capacity=7)
    with pytest.raises(StaleObject):
        edited(partner, capacity=1)
    assert PartnerOrganisation.objects.get().capacity == 7


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "administrator", "auditor", "working_group_member"])
def test_nobody_but_a_coordinator_edits_a_partner(role: str) -> None:
    partner = make_partner()
    with pytest.raises(NotAllowed):
        edited(partner, Actor("staff", make_staff(role).pk), capacity=1)
    with pytest.raises(NotAllowed):
        resume_partner(partner_id=partner.pk, seen_until=None, by=Actor("staff", make_staff(role).pk), now=NOW)


def test_a_partner_of_the_other_side_does_not_exist_for_them() -> None:
    partner = make_partner(side="RU")
    with pytest.raises(NotFound):
        edited(partner, capacity=1)
    with pytest.raises(NotFound):
        pause_partner(
            partner_id=partner.pk,
            until=NOW.date() + DAY,
            because="staff_away",
            seen_until=None,
            by=coordinator(),
            now=NOW,
        )


# --- the pause --------------------------------------------------------------------------------------------------------
def paused(partner: PartnerOrganisation, until: date, **given: Any) -> PartnerOrganisation:
    values = {"because": "staff_away", "seen_until": None, "by": coordinator(), "now": NOW, **given}
    return pause_partner(partner_id=partner.pk, until=until, **values)


def test_a_pause_has_a_day_a_reason_and_somebody_who_said_so() -> None:
    until = NOW.date() + 7 * DAY
    paused(make_partner(), until)
    partner = PartnerOrganisation.objects.get()
    assert (partner.paused_until, partner.paused_because) == (until, "staff_away")
    assert [(row.act, row.version) for row in edits_of(partner)] == [("paused", 2)]
    resume_partner(partner_id=partner.pk, seen_until=until, by=coordinator(), now=NOW)
    partner.refresh_from_db()
    assert (partner.paused_until, partner.paused_because) == (None, "")


@pytest.mark.parametrize(
    ("days", "because", "at"), [(-1, "staff_away", "until"), (181, "staff_away", "until"), (7, "bored", "because")]
)
def test_a_pause_that_cannot_be_is_refused_at_its_field(days: int, because: str, at: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        paused(make_partner(), NOW.date() + days * DAY, because=because)
    assert list(refused.value.fields) == [at]
    assert PartnerOrganisation.objects.get().paused_until is None


def test_who_ends_a_pause_that_the_partner_has_just_made_longer_is_told() -> None:
    until = NOW.date() + 7 * DAY
    partner = make_partner(paused_until=until)
    PartnerOrganisation.objects.update(paused_until=until + DAY)  # it had no free places, and said so
    with pytest.raises(StaleObject):
        resume_partner(partner_id=partner.pk, seen_until=until, by=coordinator(), now=NOW)
    with pytest.raises(StaleObject):
        paused(partner, until - DAY, seen_until=until)
    assert PartnerOrganisation.objects.get().paused_until == until + DAY


# --- its own holidays -------------------------------------------------------------------------------------------------
def test_the_days_on_which_it_is_closed_stop_its_clocks_even_around_the_clock() -> None:
    own = [["2026-12-28", "2026-12-30"]]
    office, always = make_partner(closed_days=own), make_partner(closed_days=own, around_the_clock=True)
    days = {date(2026, 12, day) for day in (28, 29, 30)}
    assert partner_calendar(office).holidays == days | {date(2026, 11, 4)}
    assert partner_calendar(always).holidays == days


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told() -> None:
    partner, by = make_partner(), coordinator()

    def one() -> str:
        try:
            edited(partner, by, capacity=User.objects.count() + 7)
        except StaleObject:
            return "told"
        return "kept"

    assert sorted(at_once(2, one)) == ["kept", "told"]
    assert PartnerOrganisation.objects.get().version == 2
