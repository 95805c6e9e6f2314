"""Numbers and addresses in one form; what is none gives nothing."""

import pytest

from intake.matching import normal_email, normal_phone


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("+994 50 123 45 67", ""),
        ("050 123 45 67", "AZ"),
        ("(050) 123-45-67", "AZ"),
        ("994501234567", "AZ"),
        ("00994501234567", "AZ"),
        ("８10 994 50 123 45 67", "RU"),
    ],
)
def test_one_number_has_one_form(typed: str, country: str) -> None:
    assert normal_phone(typed, country) == "+994501234567"


def test_the_country_decides_how_a_bare_number_is_read() -> None:
    assert normal_phone("8 900 000-00-11", "RU") == "+79000000011" != normal_phone("8 900 000-00-11", "TR")
    assert normal_phone("8 900 000-00-11") == ""


@pytest.mark.parametrize("typed", ["", "112", "call me", "+", "@handle", "1" * 1_000_000, "\x00"])
def test_no_number_is_nothing(typed: str) -> None:
    assert normal_phone(typed, "AZ") in ("", "+994112") and normal_phone(typed) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aysel@Example.org", " aysel@example.org "),
        ("a.y.sel+x@gmail.com", "aysel@googlemail.com"),
        ("aysel.m+x@yandex.ru", "Aysel-M@ya.ru"),
        ("aysel+x@outlook.com", "aysel@outlook.com"),
        ("aysel@почта.рф", "aysel@xn--80a1acny.xn--p1ai"),
        ("ａysel@mail.ru", "aysel@mail.ru"),
    ],
)
def test_one_mailbox_has_one_form(one: str, other: str) -> None:
    assert normal_email(one) == normal_email(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b@mail.ru", "ab@mail.ru"), ("a+b@example.org", "a@example.org"), ("a.b@outlook.com", "ab@outlook.com")],
)
def test_where_nobody_says_that_they_are_one_they_stay_two(one: str, other: str) -> None:
    assert normal_email(one) != normal_email(other)


@pytest.mark.parametrize("typed", ["", "@", "a@", "@b.c", "a@b", "a b@c.d", "+x@gmail.com", "x" * 1_000_000])
def test_no_address_is_nothing(typed: str) -> None:
    assert normal_email(typed) == ""
