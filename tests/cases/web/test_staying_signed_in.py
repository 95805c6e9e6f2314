"""How long a sign-in lasts, what ends it before, and that no page of the console opens without the second factor."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel
from typing import Any
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as site
from django.test import Client
from django.urls import URLPattern, reverse

from cases.models import User
from cases.models.user import Role
from cases.web.urls import urlpatterns
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
FILLED = {
    "reference": "NOCASE",
    "slug": "a-slug",
    "move": "contacted",
    "client_id": 1,
    "shift_id": 1,
}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def is_in(client: Client) -> bool:
    return client.get("/console/queue/").status_code == 200


# --- how long


def test_a_working_day_after_signing_in_it_is_over_however_busy_the_person_was() -> None:
    with time_machine.travel(START, tick=False):
        client = signed_in(staff())
    for minutes in (120, 240, 360, 479):
        with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
            assert is_in(client)
    with time_machine.travel(START + timedelta(minutes=481), tick=False):
        answer = client.get("/console/queue/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/")


def test_the_browser_forgets_it_when_it_is_closed_and_shows_it_to_no_script_and_no_other_site() -> None:
    cookie = cookie_of(by_password())
    assert cookie["expires"] == "" and cookie["max-age"] == ""
    assert cookie["httponly"] is True and cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) == site.SECURE


def by_password(email: str = "a@example.org") -> Client:
    User.objects.create_user(email, PASSWORD, name="A", side="AZ", roles=["caseworker"])
    client = Client()
    client.post("/account/login/", {"login": email, "password": PASSWORD})
    return client


def cookie_of(client: Client) -> "Morsel[str]":
    return client.cookies[site.SESSION_COOKIE_NAME]


def copied(client: Client) -> Client:
    """Somebody who has the cookie."""
    thief = Client()
    thief.cookies[site.SESSION_COOKIE_NAME] = cookie_of(client).value
    return thief


# --- what ends it


def test_signing_out_ends_it_also_for_a_copied_cookie() -> None:
    client = by_password()
    thief = copied(client)
    assert is_in(thief)
    assert client.get("/account/logout/").status_code == 200 and is_in(client), "asking is not yet leaving"
    client.post("/account/logout/")
    assert not is_in(thief) and not is_in(client)


def test_a_new_password_ends_every_other_sign_in() -> None:
    client = by_password()
    thief = copied(client)
    new = "another horse battery"
    answer = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert not is_in(thief)


def test_who_was_disabled_is_out_at_the_next_request() -> None:
    user = staff()
    client = signed_in(user)
    assert is_in(client)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_in(client)


# --- the second factor


def places() -> Iterator[str]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        names = pattern.pattern.converters
        arguments = {name: FILLED.get(name, UUID(int=7)) for name in names}
        yield reverse(f"console:{pattern.name}", kwargs=arguments)


@pytest.fixture
def demanded(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_no_page_of_the_console_opens_without_it_for_any_role(role: str) -> None:
    client = signed_in(staff(role))
    for place in places():
        for answer in (client.get(place), client.post(place)):
            free = place == "/console/language/"
            refused = answer.status_code == 405 or answer.headers.get("Location") == "/account/2fa/totp/activate/"
            assert free or refused, (place, answer.status_code)


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize("kind", ["totp", "recovery_codes"])
def test_recovery_codes_alone_are_no_second_factor(kind: str) -> None:
    for role, place in (("caseworker", "/console/queue/"), ("administrator", "/admin/")):
        user = staff(role)
        Authenticator.objects.create(user=user, type=kind, data={})
        assert (signed_in(user).get(place).status_code == 200) == (kind == "totp")


@pytest.mark.usefixtures("demanded")
def test_the_admin_opens_with_it_only() -> None:
    user = staff("administrator")
    client = signed_in(user)
    for place in ("/admin/", "/admin/intake/country/", "/admin/intake/country/add/"):
        assert client.get(place).status_code in {302, 403}
    Authenticator.objects.create(user=user, type="totp", data={})
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("demanded")
def test_who_takes_it_away_is_out_of_the_console_until_there_is_another() -> None:
    user = staff()
    factor = Authenticator.objects.create(user=user, type="totp", data={})
    client = signed_in(user)
    assert is_in(client)
    factor.delete()
    assert not is_in(client)
