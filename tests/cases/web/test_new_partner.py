"""A partner organisation is entered by a coordinator; it is asked nothing until somebody has filled in its page."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cases.actions.add_partner import ADDRESSES, NewPartner, add_partner
from cases.errors import NotAllowed
from cases.models import PartnerEdit, PartnerOrganisation
from cases.models.user import Role
from intake.errors import InvalidInput
from intake.models import Body
from intake.web.forms import exclude
from tests.cases.arrange import acting, at_once, partner, staff
from tests.cases.web.conftest import signed_in
from tests.cases.web.test_edit_partner import as_shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
GIVEN = {
    "name_az": "Sınaq Evi",
    "name_ru": "Дом пробы",
    "name_en": "House of Trial",
    "country": "AZ",
    "email": "house@example.org",
    "language": "az",
}


@pytest.fixture
def client() -> Client:
    return signed_in(staff("partner_coordinator", language="en"))


def add(client: Client, **changes: str) -> Any:
    return client.post("/console/partners/add/", GIVEN | changes)


def made() -> PartnerOrganisation:
    return PartnerOrganisation.objects.get(email="house@example.org")


def test_it_is_there_belongs_to_the_side_and_is_asked_nothing(client: Client) -> None:
    answer = add(client)
    new = made()
    assert answer.headers["Location"] == f"/console/partners/{new.slug}/edit/"
    assert (new.side, new.slug, new.country_id, new.timezone) == ("AZ", "house-of-trial", "AZ", "Asia/Baku")
    assert (new.is_active, new.capacity, new.version) == (False, 0, 1)
    assert [new.name(code) for code in ("az", "ru", "en")] == ["Sınaq Evi", "Дом пробы", "House of Trial"]
    edit = PartnerEdit.objects.get(partner=new)
    assert (edit.act, edit.by.roles) == ("added", ["partner_coordinator"])
    page = client.get(f"/console/partners/{new.slug}/").content.decode()
    assert "partner added" in page and "not active" in page


def test_the_public_pages_name_it_when_it_is_active_and_not_before(client: Client) -> None:
    add(client)
    new = made()
    assert not Body.objects.get(pk=new.body_id).is_active
    sent = as_shown(client, new) | {"is_active": "on", "capacity": "3", "languages": ["az"], "areas": ["AZ"]}
    sent |= {"service-WRK-is_offered": "on"}
    answer = client.post(f"/console/partners/{new.slug}/save/", sent)
    assert answer.status_code == 302, answer.context["found"].main.errors
    assert made().is_active and Body.objects.get(pk=new.body_id).is_active
    assert exclude.Body.objects.filter(country="AZ", is_active=True, pk=new.body_id).exists()


def test_without_what_it_does_it_cannot_be_made_active(client: Client) -> None:
    add(client)
    answer = client.post(f"/console/partners/{made().slug}/save/", as_shown(client, made()) | {"is_active": "on"})
    assert answer.status_code == 422
    assert not made().is_active


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_az", ""),
        ("name_ru", " \u200b "),
        ("name_ru", "!!! 🙂"),
        ("name_en", "x" * 201),
        ("country", "US"),
        ("country", ""),
        ("email", "nobody"),
        ("email", "a@b\r\nBcc: x@example.org"),
        ("language", "tr"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(client: Client, field: str, value: str) -> None:
    before = Body.objects.count()
    answer = add(client, **{field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not PartnerOrganisation.objects.exists() and Body.objects.count() == before
    kept = answer.context["form"].data
    assert {name: kept[name] for name in GIVEN if name != field} == {n: v for n, v in GIVEN.items() if n != field}


@pytest.mark.parametrize("name", ["Sınaq Evi", "sinaq evi", "EVİ SINAQ", "Сынаг Эви"])
def test_nobody_is_entered_twice_however_the_name_is_spelled(client: Client, name: str) -> None:
    add(client)
    answer = add(client, name_az="Başqa ev", name_ru=name, name_en="Other house", email="other@example.org")
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["name_ru"]
    assert PartnerOrganisation.objects.count() == 1


def test_the_same_name_on_the_other_side_says_nothing_of_it(client: Client) -> None:
    add(signed_in(staff("partner_coordinator", side="RU")), email="theirs@example.org")
    assert add(client).status_code == 302
    assert made().slug == "house-of-trial-2"


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_partner_has_the_address_of_another_page(client: Client, name: str) -> None:
    add(client, name_en=name.title())
    assert made().slug == f"{name}-2"
    assert client.get(f"/console/partners/{made().slug}/").status_code == 200


@pytest.mark.parametrize("name", ["Дом", "a" * 200, "<script>alert(1)</script>"])
def test_any_name_leads_to_an_address(client: Client, name: str) -> None:
    assert add(client, name_en=name).status_code == 302
    page = client.get(f"/console/partners/{made().slug}/")
    assert page.status_code == 200 and b"<script>alert" not in page.content


def test_the_list_leads_there_for_those_who_may(client: Client) -> None:
    partner("AZ")
    assert b"/console/partners/new/" in client.get("/console/partners/").content
    assert b"/console/partners/new/" not in signed_in(staff("supervisor")).get("/console/partners/").content
    assert b'name="name_az"' in client.get("/console/partners/new/").content


NEW = NewPartner({"az": "Sınaq Evi", "ru": "Дом пробы", "en": "House"}, "AZ", "house@example.org", "az")


@pytest.mark.parametrize("role", [role for role in Role.values if role != "partner_coordinator"])
def test_nobody_else_adds_one(role: str, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        add_partner(new=NEW, by=acting(staff(role)), now=now)
    assert not Body.objects.filter(labels__en="House").exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_one_add_one(now: datetime) -> None:
    by = acting(staff("partner_coordinator"))

    def one() -> str:
        try:
            return add_partner(new=NEW, by=by, now=now).slug
        except InvalidInput:
            return "known"

    assert sorted(at_once(4, one)) == ["house", "known", "known", "known"]
