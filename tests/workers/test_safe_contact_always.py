"""S12: whatever a person has chosen and whenever it is, nothing goes out outside the window or the channel, and what
goes out holds no word of the case. The window is reckoned here a second time, from the rules alone."""

import csv
import re
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cases.messages import KINDS, REPORTER, render
from intake.models import SafeContact
from intake.queries import next_safe_moment, safe_contact_now
from intake.web.forms.page import PageContactForm
from tests.cases.routing_world import make_case
from tests.conftest import ROOT
from tests.workers import arrange
from tests.workers.arrange import Post, at
from workers.delivery import drain
from workers.permit import Go, permits

PURE, THROUGH_WORKERS = 5_000, 60
ZONES = ("Asia/Baku", "Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Istanbul", "America/New_York")
METHODS = ("email", "phone", "sms", "messenger")
REPORTER_KINDS = [kind for kind, audience in KINDS.items() if audience == REPORTER]


def preference(rng: Random) -> dict[str, Any]:
    opens, closes = (time(rng.randrange(24), rng.choice((0, 30))) for _ in range(2))
    has_hours = opens != closes and rng.random() < 0.8
    return {
        "method": rng.choice(METHODS) if rng.random() < 0.4 else "email",
        "days": sorted(rng.sample(range(7), rng.randrange(4))),
        "hours_from": opens if has_hours else None,
        "hours_until": closes if has_hours else None,
        "timezone": rng.choice(ZONES),
        "device_shared": rng.choice(("", "yes", "no", "unknown")),
        "may_leave_message": rng.random() < 0.5,
        "notify": rng.random() < 0.8,
        "never_contact": rng.random() < 0.1,
        "valid_until": date(2026, 1, 1) + timedelta(days=rng.randrange(700)) if rng.random() < 0.3 else None,
    }


def moment(rng: Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(700 * 24 * 60), seconds=rng.randrange(60))


def is_allowed(rules: dict[str, Any], now: datetime) -> bool:
    """From the rules as a person reads them; shares no line with the code it checks."""
    local = now.astimezone(ZoneInfo(rules["timezone"]))
    if rules["never_contact"] or (rules["valid_until"] and local.date() > rules["valid_until"]):
        return False
    minute, opens_day = local.hour * 60 + local.minute, local.weekday()
    if rules["hours_from"] is not None:
        start = rules["hours_from"].hour * 60 + rules["hours_from"].minute
        length = (rules["hours_until"].hour * 60 + rules["hours_until"].minute - start) % 1440
        since = (minute - start) % 1440
        if since >= length:
            return False
        opens_day = opens_day if minute >= start else (opens_day - 1) % 7
    return not rules["days"] or opens_day in rules["days"]


def test_of_5000_preferences_none_is_called_safe_outside_its_window() -> None:
    rng, safe = Random(12), 0
    for _ in range(PURE):
        rules, now = preference(rng), moment(rng)
        contact = SafeContact(**rules)
        assert safe_contact_now(contact, now) is is_allowed(rules, now), (rules, now)
        coming = next_safe_moment(contact, now)
        assert coming is None or (coming >= now and is_allowed(rules, coming)), (rules, now, coming)
        safe += safe_contact_now(contact, now)
    assert PURE // 10 < safe < PURE, "neither everything nor nothing was tried"


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
def test_workers_send_to_nobody_outside_window_or_channel(now: datetime) -> None:
    rng, gone = Random(13), 0
    for number in range(THROUGH_WORKERS):
        rules, at_once = preference(rng), moment(rng)
        row = arrange.to_reporter(arrange.contact(make_case(), now, f"p{number}@example.org", **rules), now)
        [verdict] = permits([row], at_once).values()
        may = rules["method"] == "email" and rules["notify"] and is_allowed(rules, at_once)
        assert isinstance(verdict, Go) is may, (rules, at_once)
        gone += may
    assert 0 < gone < THROUGH_WORKERS


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
def test_rules_changed_after_queueing_are_the_ones_that_count(now: datetime, post: Post) -> None:
    case = make_case()
    row = arrange.to_reporter(arrange.contact(case, now), now)
    arrange.contact(case, now + timedelta(seconds=1), valid_until=now.date() - timedelta(days=1))
    drain(now_fn=at(now + timedelta(seconds=2)))
    row.refresh_from_db()
    assert (row.state, row.last_result, post.messages) == ("cancelled", "no_safe_time", [])


# --- the words


def case_words(language: str) -> set[str]:
    """Every word of categories, states, outcomes and of what we are, as the glossary has them."""
    rows = csv.DictReader((ROOT / "seeds/data/glossary.csv").open(encoding="utf-8"))
    speaking = (
        "case",
        "out",
        "ref",
        "report",
        "reporter",
        "case_reference",
        "ngo",
        "partner",
        "receipt_code",
        "consent",
    )
    found: set[str] = set()
    for row in rows:
        if row["key"].partition(".")[0] in speaking or (len(row["key"]) == 3 and row["key"].isupper()):
            found |= {word.strip(".,():!?").casefold() for word in row[language].split()}
    return {word for word in found if len(word) > 4}


# Words that a sentence about a case shares with any other sentence.
EVERYDAY = {"yeni", "новое", "сообщение"}


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize("kind", REPORTER_KINDS)
def test_no_word_of_the_case_is_in_what_a_person_is_sent(kind: str, language: str) -> None:
    forbidden = case_words(language) - EVERYDAY
    assert len(forbidden) > 50
    made = render(kind, language, REPORTER, "email", {})
    said = {word.strip(".,:;!?").casefold() for word in f"{made.subject} {made.text}".split()}
    assert said and not said & forbidden
    assert "rp" not in said and "http" not in made.text


@pytest.mark.parametrize("kind", REPORTER_KINDS)
@pytest.mark.parametrize("language", ["en", "az", "ru"])
def test_what_was_shown_before_opting_in_is_exactly_what_is_sent(
    kind: str, language: str, reference: None, settings: Any
) -> None:
    with translation.override(language):
        form = PageContactForm(draft={"contact": {"method": "email"}}, language=language)
        [(_code, words)] = form.fields["notify"].choices  # type: ignore[attr-defined]
        shown = str(words.explanation)
    made = render(kind, language, REPORTER, "email", {})
    assert re.search(rf"[“«]{re.escape(made.text.strip())}[”»]$", shown) and settings.REPORTER_FROM_EMAIL in shown
    assert made.subject == made.text.strip()
