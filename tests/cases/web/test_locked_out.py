"""Guessing a password or a code stops at an address: nobody guesses on, and nobody locks a colleague out."""

import time
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from cases.models import User
from cases.web.access import AccountAdapter, caller_address

PASSWORD = "correct horse battery"
SECRET = b32encode(b"twenty bytes of key!").decode()
WRONG = 8  # tries of one account from one address
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HERE, THERE = "203.0.113.5", "198.51.100.7"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Argon2 is meant to be slow; how passwords are hashed is not asked here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user() -> User:
    return account("a@example.org")


def account(email: str) -> User:
    return User.objects.create_user(email, PASSWORD, name="A", side="AZ", roles=["caseworker"])


def sign_in(password: str = PASSWORD, login: str = "a@example.org", address: str = HERE, **headers: str) -> Client:
    """A browser after its try."""
    client = Client(REMOTE_ADDR=address, headers=headers)
    client.answer = client.post("/account/login/", {"login": login, "password": password})  # type: ignore[attr-defined]
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- by password


def test_after_eight_wrong_passwords_the_right_one_opens_nothing_either(user: User) -> None:
    for _ in range(WRONG):
        assert not is_in(sign_in("wrong"))
    locked = sign_in()
    assert not is_in(locked) and locked.answer.status_code == 429  # type: ignore[attr-defined]


@pytest.mark.parametrize(("language", "says"), [("az", "Yarım saat"), ("ru", "полчаса"), ("en", "half an hour")])
def test_who_is_locked_out_reads_why_in_their_language(user: User, language: str, says: str) -> None:
    for _ in range(WRONG):
        sign_in("wrong")
    page = sign_in(**{"accept-language": language}).answer  # type: ignore[attr-defined]
    assert page.status_code == 429
    assert says in page.content.decode() and "<html" in page.content.decode()


def test_after_seven_mistakes_the_right_one_lets_in(user: User) -> None:
    for _ in range(WRONG - 1):
        sign_in("wrong")
    assert is_in(sign_in())


def test_nobody_locks_a_colleague_out(user: User) -> None:
    for _ in range(WRONG):
        sign_in("wrong", address=HERE)
    assert is_in(sign_in(address=THERE)), "the same account, elsewhere"
    account("b@example.org")
    assert is_in(sign_in(login="b@example.org", address=HERE)), "another account, here"


def test_spelling_the_account_another_way_gives_no_more_tries(user: User) -> None:
    for number in range(WRONG):
        sign_in("wrong", login=(" A@Example.org", "a@example.org", "a@EXAMPLE.org")[number % 3])
    assert not is_in(sign_in())


def test_half_an_hour_later_it_is_open_again(user: User) -> None:
    with time_machine.travel(START, tick=False):
        for _ in range(WRONG):
            sign_in("wrong")
    with time_machine.travel(START + timedelta(minutes=29), tick=False):
        assert not is_in(sign_in())
    with time_machine.travel(START + timedelta(minutes=61), tick=False):
        assert is_in(sign_in())


def test_an_address_that_tries_one_account_after_the_other_is_held_back() -> None:
    account("z@example.org")
    for number in range(20):
        sign_in("wrong", login=f"{number}@example.org")
    assert not is_in(sign_in(login="z@example.org"))
    assert is_in(sign_in(login="z@example.org", address=THERE))


# --- behind a proxy everybody comes from one address


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [(0, "10.0.0.1"), (1, "203.0.113.5"), (2, "6.6.6.6")],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(proxies: int, seen: str, settings: Any, rf: Any) -> None:
    settings.PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "6.6.6.6, 203.0.113.5"})
    assert caller_address(request) == AccountAdapter().get_client_ip(request) == seen


@pytest.mark.parametrize("accounts", [1, 20])
def test_behind_a_proxy_a_guesser_locks_out_the_own_address_and_no_other(
    accounts: int, user: User, settings: Any
) -> None:
    """With one account its own limit is met, with twenty that of the address."""
    settings.PROXY_COUNT = 1
    proxy = "10.0.0.1"
    for number in range(max(accounts, WRONG)):
        login = f"{number}@example.org" if accounts > 1 else "a@example.org"
        sign_in("wrong", login, proxy, **{"x-forwarded-for": f"{THERE}, {HERE}"})  # a lie stands before it
    assert not is_in(sign_in(address=proxy, **{"x-forwarded-for": HERE}))
    assert is_in(sign_in(address=proxy, **{"x-forwarded-for": THERE}))


# --- by the second factor


def code(at: float) -> str:
    return format_hotp_value(hotp_value(SECRET, int(at // 30)))


def second(client: Client, typed: str) -> HttpResponse:
    return client.post("/account/2fa/authenticate/", {"code": typed})  # type: ignore[return-value]


@pytest.fixture
def guarded(user: User) -> User:
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def test_the_password_alone_lets_nobody_in_who_has_a_second_factor(guarded: User) -> None:
    client = sign_in()
    assert client.answer.headers["Location"].startswith("/account/2fa/authenticate/")  # type: ignore[attr-defined]
    assert not is_in(client)
    assert client.get("/console/queue/").headers["Location"].startswith("/account/login/")
    second(client, "000000" if code(time.time()) != "000000" else "111111")
    assert not is_in(client)
    second(client, code(time.time()))
    assert is_in(client)


def test_a_code_that_was_looked_at_over_the_shoulder_is_used_up(guarded: User) -> None:
    with time_machine.travel(START, tick=False):
        typed = code(START.timestamp())
        first, again = sign_in(), sign_in(address=THERE)
        second(first, typed)
        second(again, typed)
        assert is_in(first) and not is_in(again)


def test_a_recovery_code_lets_in_once(guarded: User) -> None:
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    first, again, other = sign_in(), sign_in(), sign_in()
    second(first, codes[0])
    second(again, codes[0])
    second(other, codes[1])
    assert [is_in(client) for client in (first, again, other)] == [True, False, True]


def test_codes_of_the_second_factor_are_not_guessed_either(guarded: User) -> None:
    """A million codes, three of them right at a time: whoever has the password would need hours without a limit."""
    with time_machine.travel(START, tick=False):
        client = sign_in()
        right = code(START.timestamp())
        for number in range(20):
            second(client, f"{(int(right) + 5000 + number) % 1_000_000:06}")
        assert not is_in(client)
        second(client, right)
        assert not is_in(client), "held back"
