"""Floods and guessing stop at a network; a report never stops at a broken counter."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from intake import screening
from intake.errors import InvalidInput, Throttled

HERE, THERE = "203.0.113.0/24", "198.51.100.0/24"


@pytest.mark.parametrize(
    ("meta", "proxies", "network"),
    [
        ({"REMOTE_ADDR": "203.0.113.77"}, 0, "203.0.113.0/24"),
        ({"REMOTE_ADDR": "2001:db8:1:2::3"}, 0, "2001:db8:1::/48"),
        ({"REMOTE_ADDR": "::ffff:203.0.113.9"}, 0, "203.0.113.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, 0, "10.0.0.0/24"),  # nobody's word
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, 1, "1.2.3.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 1.2.3.4"}, 1, "1.2.3.0/24"),  # forged before
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 1.2.3.4, 10.0.0.2"}, 2, "1.2.3.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, 2, "10.0.0.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4:4711"}, 1, "1.2.3.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "[2001:db8::1]:443"}, 1, "2001:db8::/48"),
        ({"REMOTE_ADDR": "fe80::1%eth0"}, 0, "fe80::/48"),
        ({"REMOTE_ADDR": "nonsense\r\n" * 1000}, 0, "unknown"),
        ({}, 0, "unknown"),
        ({}, 3, "unknown"),
    ],
)
def test_the_network_is_the_one_our_own_proxies_saw(meta: dict[str, Any], proxies: int, network: str) -> None:
    assert screening.client_network(meta, proxies) == network


def test_ten_wrong_codes_are_tried_and_the_eleventh_is_not(now: datetime) -> None:
    for _ in range(10):
        screening.admit_guess(HERE, now)
    with pytest.raises(Throttled) as refused:
        screening.admit_guess(HERE, now)
    assert 0 < refused.value.retry_after <= 600
    screening.admit_guess(THERE, now)  # from any other network the right code always works
    screening.admit_guess(HERE, now + timedelta(seconds=refused.value.retry_after))


def test_who_has_the_code_may_come_as_often_as_they_like(now: datetime) -> None:
    for _ in range(100):
        screening.admit_guess(HERE, now)
        screening.guess_was_right(HERE, now)


def test_a_flood_of_reports_stops_at_its_network(now: datetime) -> None:
    for _ in range(screening.REPORTS_PER_HOUR):
        screening.admit_report(HERE, now)
    with pytest.raises(Throttled):
        screening.admit_report(HERE, now)
    screening.admit_report(THERE, now)
    screening.admit_draft(HERE, now)
    screening.admit_report(HERE, now + timedelta(hours=1))


def test_many_who_begin_keep_nobody_from_sending(now: datetime) -> None:
    for _ in range(screening.REPORTS_PER_HOUR + 1):
        screening.admit_draft(HERE, now)
    screening.admit_report(HERE, now)


def test_counters_know_no_address(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    monkeypatch.setattr(cache, "add", lambda key, *_, **__: keys.append(key))
    monkeypatch.setattr(cache, "incr", lambda key: 1)
    screening.admit_report(HERE, now)
    assert keys and not any("203.0" in key for key in keys)


def test_a_cache_that_is_down_lets_reports_through(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise OSError("connection to 203.0.113.5 refused")

    for name in ("add", "incr", "decr"):
        monkeypatch.setattr(cache, name, down)
    for _ in range(screening.REPORTS_PER_HOUR + 1):
        screening.admit_report(HERE, now)
    screening.admit_guess(HERE, now)
    screening.guess_was_right(HERE, now)
    assert "Throttle counters are down" in caplog.text and "203.0" not in caplog.text


def test_a_counter_that_ran_out_in_between_lets_through(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *_, **__: False)
    screening.admit_report(HERE, now)


def test_only_a_filled_honeypot_is_refused() -> None:
    screening.check_honeypot({"story": "x"})
    screening.check_honeypot({screening.HONEYPOT_FIELD: ""})
    with pytest.raises(InvalidInput):
        screening.check_honeypot({screening.HONEYPOT_FIELD: "buy now"})
