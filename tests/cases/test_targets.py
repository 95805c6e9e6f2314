"""Webhook addresses: what is refused stands in two tables, so that a new trick is one more line."""

import csv
from pathlib import Path

import pytest

from cases.errors import InvalidTarget
from cases.targets import MAX_LENGTH, Target, check_address, check_url

TABLES = Path(__file__).parent / "tables"
LOCAL = frozenset({"127.0.0.1:8025", "receiver.demo:8080", "[::1]:8025"})


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(table: list[dict[str, str]], column: str) -> list[str]:
    return [f"{number}-{row[column]}" for number, row in enumerate(table, start=2)]


REFUSED = rows("targets_refused.csv")
ADDRESSES = rows("target_addresses.csv")


@pytest.mark.parametrize("row", REFUSED, ids=ids(REFUSED, "what_it_tries"))
def test_a_hostile_address_is_refused_with_its_reason(row: dict[str, str]) -> None:
    url = row["address"].encode("ascii").decode("unicode_escape")
    with pytest.raises(InvalidTarget) as refusal:
        check_url(url)
    assert refusal.value.params == {"reason": row["reason"]}


@pytest.mark.parametrize("row", ADDRESSES, ids=ids(ADDRESSES, "what_it_is"))
def test_only_a_public_address_is_connected_to(row: dict[str, str]) -> None:
    if row["public"] == "yes":
        assert check_address(row["address"])
    else:
        with pytest.raises(InvalidTarget):
            check_address(row["address"])


def test_the_tables_hold_at_least_the_60_hostile_targets_of_the_bars() -> None:
    assert len({row["address"] for row in REFUSED}) >= 60
    assert len({row["address"] for row in ADDRESSES if row["public"] == "no"}) >= 60


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org/hook", Target("https", "example.org", 443, "/hook")),
        ("https://Example.ORG", Target("https", "example.org", 443, "/")),
        ("https://example.org.:8443/a/b?c=d%20e", Target("https", "example.org", 8443, "/a/b?c=d%20e")),
        ("https://example.org?key=1", Target("https", "example.org", 443, "/?key=1")),
        ("https://k\u00f6rp\u00fc.example.org/", Target("https", "xn--krp-sna6a.example.org", 443, "/")),
        (
            "https://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/",
            Target("https", "xn--e1afmkfd.xn--p1ai", 443, "/"),
        ),
        ("https://8.8.8.8/hook", Target("https", "8.8.8.8", 443, "/hook")),
        ("https://[2A00:1450::0:1]/hook", Target("https", "2a00:1450::1", 443, "/hook")),
    ],
)
def test_an_ordinary_address_is_read_and_normalised(url: str, target: Target) -> None:
    assert check_url(url) == target


def test_an_address_may_be_2000_characters_long_and_no_longer() -> None:
    start = "https://example.org/"
    longest = start + "a" * (MAX_LENGTH - len(start))
    assert check_url(longest).host == "example.org"
    with pytest.raises(InvalidTarget) as refusal:
        check_url(longest + "a")
    assert refusal.value.params == {"reason": "too_long"}


def test_a_host_may_be_253_characters_long_and_no_longer() -> None:
    longest = ".".join(["a" * 49] * 5 + ["org"])
    assert check_url(f"https://{longest}/").host == longest
    with pytest.raises(InvalidTarget):
        check_url(f"https://aaaa{longest}/")


@pytest.mark.parametrize("url", [None, 7, b"https://example.org/", ["https://example.org/"]])
def test_what_is_not_text_is_refused(url: object) -> None:
    with pytest.raises(InvalidTarget):
        check_url(url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8025/hook", "https://127.0.0.1:8025/", "http://receiver.demo:8080/", "http://[::1]:8025/"]
)
def test_a_pair_the_operator_allowed_may_be_http_and_private(url: str) -> None:
    assert check_url(url, LOCAL).authority in LOCAL


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8026/",
        "http://127.0.0.1/",
        "http://127.0.0.2:8025/",
        "http://localhost:8025/",
        "http://receiver.demo:80/",
        "http://127.0.0.1:8025@10.0.0.1/",
        "http://x@127.0.0.1:8025/",
        "ftp://127.0.0.1:8025/",
    ],
)
def test_nothing_beside_an_allowed_pair_is_allowed(url: str) -> None:
    with pytest.raises(InvalidTarget):
        check_url(url, LOCAL)


def test_an_allowed_name_may_resolve_to_the_inside_and_another_name_may_not() -> None:
    allowed = check_url("http://receiver.demo:8080/", LOCAL)
    other = check_url("https://example.org/", LOCAL)
    assert check_address("10.1.2.3", allowed, LOCAL) == "10.1.2.3"
    with pytest.raises(InvalidTarget):
        check_address("10.1.2.3", other, LOCAL)


def test_a_name_that_comes_to_mean_another_address_is_refused_when_sending() -> None:
    target = check_url("https://rebinding.example.org/")
    assert check_address("93.184.215.14", target) == "93.184.215.14"
    with pytest.raises(InvalidTarget):
        check_address("127.0.0.1", target)


def test_an_allowed_address_is_not_reached_through_another_name_on_another_port() -> None:
    target = check_url("https://example.org:8026/", LOCAL)
    with pytest.raises(InvalidTarget):
        check_address("127.0.0.1", target, LOCAL)


def test_the_address_to_connect_to_is_canonical() -> None:
    assert check_address("2A00:1450:0:0::1") == "2a00:1450::1"


def test_a_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(InvalidTarget) as refusal:
        check_url("https://user:secret@example.org/")
    assert "secret" not in repr(refusal.value) + str(refusal.value) + str(refusal.value.params)
