"""A coordinator edits, tries and pauses a partner on its page; what is wrong is said at its field, nothing is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.actions.wind_down import wind_down_ended
from cases.models import Job, PartnerOrganisation, Referral, RoutingSetting
from cases.queries.partner_sheet import edits_of, sheet_of
from tests.cases.arrange import staff
from tests.cases.routing_world import fill, make_partner
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def address(name: str, partner: PartnerOrganisation) -> str:
    return reverse(f"console:{name}", args=[partner.slug])


def coordinator(**columns: Any) -> Client:
    return signed_in(staff("partner_coordinator", language="en", **columns))


def as_shown(client: Client, partner: PartnerOrganisation) -> dict[str, Any]:
    """What the page would send back untouched."""
    page = client.get(address("edit_partner", partner)).context["found"]
    sent: dict[str, Any] = {"days": 30}
    for form in page.forms():
        for field in form:
            value = field.value()
            if value not in (None, "", False, [], ()):
                sent[field.html_name] = list(value) if isinstance(value, tuple) else value
    return sent


def test_sent_back_as_it_was_shown_it_changes_nothing() -> None:
    partner = make_partner(
        regions=["RU-MOW", None],
        interpreters=["lez"],
        service={"age_bands": ["25_39"], "genders": ["female"], "subcodes": []},
        working_hours=[[0, "09:00", "13:00"], [0, "14:00", "24:00"]],
        closed_days=[["2026-12-28", "2027-01-08"]],
        related_bodies=["Bir", "İki"],
    )
    before, client = sheet_of(partner), coordinator()
    page = client.post(address("save_partner", partner), as_shown(client, partner), follow=True)
    assert "Nothing was different" in page.text
    again = PartnerOrganisation.objects.get()
    assert (sheet_of(again), again.version, again.related_bodies) == (before, 1, ["Bir", "İki"])


def test_beside_the_box_stands_what_becomes_of_its_cases_and_so_it_is() -> None:
    partner, client = make_partner(), coordinator()
    fill(partner, 1)
    page = client.get(address("edit_partner", partner))
    assert "Its open offers and cases in hand come back to us" in page.text
    sent = as_shown(client, partner)
    del sent["is_active"]
    client.post(address("save_partner", partner), sent)
    assert wind_down_ended(now=timezone.now()) == 1
    assert Referral.objects.get().state == "withdrawn"


def test_what_was_typed_is_kept_and_the_page_says_who_did_it() -> None:
    partner, client = make_partner(), coordinator()
    changes = {
        "capacity": 12,
        "hours_0": "9:00–13.00, 14:00 - 18:00",
        "hours_6": "",
        "off-0-first": "2026-12-28",
        "off-0-last": "2026-12-28",
        "areas": ["RU-SPE"],
        "remote_areas": ["AZ"],
        "service-EDU-is_offered": "on",
        "service-EDU-age_bands": ["18_24"],
    }
    page = client.post(address("save_partner", partner), as_shown(client, partner) | changes, follow=True)
    assert "Saved." in page.text and "edited – " in page.text and "Canary-staff" in page.text
    sheet = sheet_of(PartnerOrganisation.objects.get())
    assert sheet.capacity == 12 and sheet.areas == (("AZ", None, True), ("RU", "RU-SPE", False))
    assert [one for one in sheet.working_hours if one[0] == 0] == [(0, "09:00", "13:00"), (0, "14:00", "18:00")]
    assert sheet.closed_days == (("2026-12-28", "2026-12-28"),)
    assert sheet.services["EDU"].age_bands == ("18_24",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hours_1": "18:00–09:00"}, "This period ends before it begins"),
        ({"hours_1": "09:00–13:00, 12:00–18:00"}, "Two periods of this day overlap"),
        ({"hours_1": "in the morning"}, "Write hours as"),
        ({"hours_1": "99:99–99:99"}, "This is not a time of day"),
        ({"off-0-first": "2026-12-28"}, "Give both days"),
        ({"off-0-first": "2026-12-31", "off-0-last": "2026-12-28"}, "The last day lies before the first"),
        ({"timezone": "Mars/Olympus"}, "There is no such time zone"),
        ({"capacity": "many"}, "Enter a whole number"),
        ({"capacity": "-3"}, "Give a whole number from 0 to 10000"),
        ({"areas": []}, "Name at least one area"),
        ({"areas": ["XX"]}, "XX is not one of the available choices"),
        ({"areas": ["RU-MOW"], "remote_areas": ["RU-MOW"]}, "either there or at a distance"),
        ({"languages": [], "interpreter_languages": []}, "Name at least one language"),
        ({"service-DET-is_offered": "", "service-WRK-is_offered": ""}, "A partner without any service"),
        ({"service-DET-age_bands": ["14_17"], "service-DET-child_safeguarding": ""}, "no rules for their protection"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"email": "x" * 300}, "at most 254 characters"),
        ({"around_the_clock": "on", "hours_0": "09:00–18:00"}, "Either around the clock or with hours"),
        ({"related_bodies": "x" * 201}, "This is too long"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_where_it_stands_and_what_was_typed_is_still_there(
    changes: dict[str, Any], said: str
) -> None:
    partner, client = make_partner(), coordinator()
    sent = {**as_shown(client, partner), "phone": "+994 12 000", **changes}
    page = client.post(address("save_partner", partner), sent)
    assert page.status_code == 422 and said in page.text and "+994 12 000" in page.text
    assert PartnerOrganisation.objects.get().version == 1


def test_nothing_at_all_and_nonsense_are_refused_with_a_page() -> None:
    partner, client = make_partner(), coordinator()
    for sent in ({}, {"seen": "x"}, {"seen": "1", "off-999-first": "2026-01-01"}, {"capacity": "9" * 400}):
        assert client.post(address("save_partner", partner), sent).status_code == 422


def test_more_days_off_than_can_be_are_refused_and_none_is_dropped() -> None:
    partner, client = make_partner(), coordinator()
    days = [date(2027, 1, 1) + timedelta(days=2 * number) for number in range(101)]
    sent = as_shown(client, partner)
    for number, day in enumerate(days):
        sent |= {f"off-{number}-first": day.isoformat(), f"off-{number}-last": day.isoformat()}
    page = client.post(address("save_partner", partner), sent)
    assert page.status_code == 422 and "There are too many of them." in page.text


def test_the_second_of_two_who_edit_is_told_and_keeps_what_was_typed() -> None:
    partner, one, other = make_partner(), coordinator(), coordinator()
    first, second = as_shown(one, partner), as_shown(other, partner)
    one.post(address("save_partner", partner), first | {"capacity": 7})
    page = other.post(address("save_partner", partner), second | {"capacity": 1, "phone": "+994 12 000"})
    assert page.status_code == 412 and "Somebody changed this in the meantime" in page.text
    assert "+994 12 000" in page.text
    assert PartnerOrganisation.objects.get().capacity == 7


def test_fewer_places_than_cases_in_hand_are_taken_and_said() -> None:
    partner, client = make_partner(), coordinator()
    fill(partner, 2)
    page = client.post(address("save_partner", partner), as_shown(client, partner) | {"capacity": 1}, follow=True)
    assert "It has 2 cases in hand" in page.text


def test_trying_asks_for_a_dry_run_of_what_was_typed_and_keeps_nothing() -> None:
    partner, client = make_partner(related_bodies=["Canary"]), coordinator()
    sent = as_shown(client, partner) | {"capacity": 1, "try": "1", "days": 14}
    answer = client.post(address("save_partner", partner), sent)
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("console:dry_run", args=[job.pk])
    assert (job.params["days"], job.params["change"]["sheet"]["capacity"]) == (14, 1)
    assert "Canary" not in str(job.params) and partner.email not in str(job.params)
    assert PartnerOrganisation.objects.get().capacity == 5
    assert "A partner as it was edited" in client.get(answer.headers["Location"]).text
    again = client.post(address("save_partner", partner), sent)
    assert again.status_code == 409 and "has not ended yet" in again.text


@pytest.mark.parametrize("days", ["", "0", "x", "100000"])
def test_a_period_that_cannot_be_tried_is_said_at_its_field(days: str) -> None:
    partner, client = make_partner(), coordinator()
    page = client.post(address("save_partner", partner), as_shown(client, partner) | {"try": "1", "days": days})
    assert page.status_code == 422 and not Job.objects.exists()
    assert page.context["found"].days.errors


# --- the pause --------------------------------------------------------------------------------------------------------
def test_a_pause_and_its_end_on_the_page() -> None:
    partner, client = make_partner(), coordinator()
    until = timezone.now().date() + timedelta(days=10)
    page = client.post(
        address("pause_partner", partner), {"until": until.isoformat(), "because": "no_money"}, follow=True
    )
    assert "no money for it at present" in page.text and "paused until" in page.text
    edit = client.get(address("edit_partner", partner)).text
    assert "End the pause now" in edit
    page = client.post(address("resume_partner", partner), {"seen_until": until.isoformat()}, follow=True)
    assert "paused until" not in page.text and "pause ended" in page.text
    assert [row.act for row in edits_of(partner)] == ["resumed", "paused"]


def test_the_end_of_a_pause_that_has_changed_meanwhile_is_refused() -> None:
    until = timezone.now().date() + timedelta(days=10)
    partner = make_partner(paused_until=until)
    page = coordinator().post(address("resume_partner", partner), {"seen_until": "2026-01-01"})
    assert page.status_code == 412
    assert PartnerOrganisation.objects.get().paused_until == until


@pytest.mark.parametrize("sent", [{}, {"until": "2020-01-01", "because": "no_money"}, {"until": "x", "because": "y"}])
def test_a_pause_that_cannot_be_is_refused_with_a_page(sent: dict[str, str]) -> None:
    partner = make_partner()
    assert coordinator().post(address("pause_partner", partner), sent).status_code == 422
    assert PartnerOrganisation.objects.get().paused_until is None


# --- other settings of the choice -------------------------------------------------------------------------------------
def typed(client: Client) -> dict[str, Any]:
    form = client.get(reverse("console:routing_settings")).context["form"]
    return {field.html_name: field.value() for field in form if field.value() is not None} | {"days": 30}


@pytest.mark.parametrize("role", ["supervisor", "partner_coordinator", "administrator"])
def test_other_settings_are_tried_from_their_page_and_hold_for_nobody(role: str) -> None:
    client = signed_in(staff(role, language="en"))
    sent = typed(client) | {"prices__strength": 0.5}
    answer = client.post(reverse("console:try_routing"), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    job = Job.objects.get()
    assert job.params["change"]["definition"]["prices"]["strength"] == 0.5
    assert RoutingSetting.objects.count() == 1
    assert "Other settings of the choice" in client.get(answer.headers["Location"]).text
    assert reverse("console:dry_run", args=[job.pk]) in client.get(reverse("console:routing_settings")).text


def test_only_an_administrator_sees_the_button_that_lets_them_hold() -> None:
    for role, is_there in (("administrator", True), ("supervisor", False), ("partner_coordinator", False)):
        page = signed_in(staff(role, language="en")).get(reverse("console:routing_settings")).text
        assert ("Let it hold" in page) is is_there and "Try it on past cases" in page


@pytest.mark.parametrize("changes", [{"weights__free": 2}, {"weights__free": "x"}, {"days": 0}, {"days": 10_000}])
def test_settings_that_cannot_be_are_not_tried(changes: dict[str, Any]) -> None:
    client = signed_in(staff("supervisor", language="en"))
    assert client.post(reverse("console:try_routing"), typed(client) | changes).status_code == 422
    assert not Job.objects.exists()


def test_an_administrator_reads_how_many_cases_would_move_and_not_which() -> None:
    owner, admin = staff("supervisor"), signed_in(staff("administrator", language="en"))
    none: dict[str, Any] = {"mode": "automatic", "chosen": []}
    row = {"reference": "AB12-CDE-F", "kind": "finds_none", "before": none, "after": none, "why": []}
    definition = RoutingSetting.objects.get().definition
    job = Job.objects.create(
        kind="dry_run",
        side="AZ",
        asked_by=owner,
        asked_at=timezone.now(),
        state="done",
        finished_at=timezone.now(),
        params={"change": {"kind": "settings", "definition": definition}, "days": 30},
        result={"counts": {"unchanged": 3, "left_out": 1}, "is_cut": False, "cases": [row]},
    )
    page = admin.get(reverse("console:dry_run", args=[job.pk])).text
    assert "Would find no partner any more: 1" in page and "AB12-CDE-F" not in page
