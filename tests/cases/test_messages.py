"""Every notice in every language and by every channel; each says no more than its reader may know."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from cases.messages import ABOUT_NO_CASE, CHANNELS, CLOCKS, KINDS, PARTNER, REPORTER, STAFF, render
from cases.workflow import WithdrawalReason

LANGUAGES = ("az", "ru", "en")
STATES = {
    "offer": "offered",
    "offer_reminder": "offered",
    "offer_expired": "expired",
    "offer_withdrawn": "withdrawn",
    "consent_given": "accepted",
    "consent_changed": "accepted",
    "consent_withdrawn": "withdrawn",
    "erasure_requested": "completed",
    "erasure_reminder": "withdrawn",
}
EVERYTHING = [
    (kind, language, audience, channel)
    for kind, audience in KINDS.items()
    for channel in sorted(CHANNELS[audience] if kind not in ABOUT_NO_CASE else {"email"})
    for language in LANGUAGES
]


def params(kind: str) -> dict[str, Any]:
    """As notify writes them."""
    if kind in ABOUT_NO_CASE:
        day = {"last_day": "2026-12-24", "days": 30}  # of an agreement; the side of both
        return {**day, "agreement": "agreement-nur", "is_memorandum": False, "side": "AZ"}
    shared = {"reference": "K7RM-4QX-D", "urgency": 2}
    if KINDS[kind] != PARTNER:
        return {**shared, "clock": "triage", "date_kind": "appeal", "days": 3} if KINDS[kind] == STAFF else {}
    return {
        **shared,
        "referral": "0193c0de-0000-7000-8000-000000000000",
        "state": STATES[kind],
        "reason": "by_caseworker" if STATES[kind] == "withdrawn" else "",
        "answer_due_at": "2026-11-24T20:00:00+00:00",
        "contact_due_at": "2026-11-25T20:00:00+00:00",
        "timezone": "Asia/Baku",
        "at": "2026-11-24T08:00:00+00:00",
    }


@pytest.mark.parametrize(("kind", "language", "audience", "channel"), EVERYTHING)
def test_it_renders(kind: str, language: str, audience: str, channel: str) -> None:
    made = render(kind, language, audience, channel, params(kind))
    assert made.subject and "\n" not in made.subject and len(made.subject) < 78
    assert made.text.strip()
    assert not [sign for sign in ("{{", "{%", "%(", "None", "&#") if sign in made.subject + made.text]


@pytest.mark.parametrize(("kind", "language", "audience", "channel"), EVERYTHING)
def test_reference_and_link_are_in_what_staff_and_partners_read(
    kind: str, language: str, audience: str, channel: str
) -> None:
    made = render(kind, language, audience, channel, params(kind))
    is_about_a_case = audience != REPORTER and kind not in ABOUT_NO_CASE
    assert ("K7RM-4QX-D" in made.text) is is_about_a_case
    assert ((made.html or "").count("K7RM-4QX-D") > 0) is (is_about_a_case and channel == "email")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind, audience in KINDS.items() if audience == REPORTER])
def test_a_reporter_reads_one_neutral_sentence_whatever_the_params(kind: str, language: str) -> None:
    told = {**params("offer"), "category": "DET", "region": "RU-MOW", "name": "Canary", "organisation": "Canary"}
    made = render(kind, language, REPORTER, "email", told)
    assert made == render(kind, language, REPORTER, "email", {})
    assert made.text.strip() == made.subject and made.html is None
    assert made.subject.count(".") == 1 and not any(str(value) in made.text for value in told.values() if value)


@pytest.mark.parametrize(("kind", "language", "audience", "channel"), EVERYTHING)
def test_nothing_but_the_known_params_is_told(kind: str, language: str, audience: str, channel: str) -> None:
    extra = {"category": "Canary-DET", "region": "Canary-MOW", "name": "Canary", "story": "Canary", "summary": "Canary"}
    assert "Canary" not in str(render(kind, language, audience, channel, {**params(kind), **extra}))


def test_links_lead_to_pages_that_exist() -> None:
    staff_reads = render("urgent_case", "en", STAFF, "email", params("urgent_case")).text
    assert settings.SITE_URL + reverse("console:case", args=["K7RM-4QX-D"]) in staff_reads
    partner_reads = render("offer", "en", PARTNER, "email", params("offer")).text
    assert settings.SITE_URL + reverse("api:referral", args=[params("offer")["referral"]]) in partner_reads


def test_a_deadline_is_shown_in_the_readers_zone_which_is_named() -> None:
    text = render("offer", "en", PARTNER, "email", params("offer")).text
    assert "25 November 2026, 00:00 (UTC+04:00)" in text
    assert "U2" in text and "/api/v1/referrals/0193c0de" in text


def test_an_end_of_an_agreement_names_the_day_and_the_page_where_it_is_amended() -> None:
    staff_reads = render("agreement_ending", "en", STAFF, "email", params("agreement_ending")).text
    assert "24 December 2026" in staff_reads and "Days left: 30" in staff_reads
    assert settings.SITE_URL + reverse("console:agreement", args=["agreement-nur"]) in staff_reads
    memorandum = render("agreement_ending", "en", STAFF, "email", {**params("agreement_ending"), "is_memorandum": True})
    assert memorandum.subject == "Memorandum ends on 24 December 2026" and "across sides" in memorandum.text


def test_an_end_of_an_agreement_is_no_event_for_a_webhook() -> None:
    with pytest.raises(ValueError, match="no message"):
        render("own_agreement_ending", "en", PARTNER, "webhook", params("own_agreement_ending"))


@pytest.mark.parametrize("reason", WithdrawalReason.values)
def test_every_reason_of_a_withdrawal_has_words(reason: str) -> None:
    told = {**params("offer_withdrawn"), "reason": reason}
    assert str(WithdrawalReason(reason).label) in render("offer_withdrawn", "en", PARTNER, "email", told).text


@pytest.mark.parametrize("clock", ["triage", "answer", "contact", "unrouted"])
def test_a_missed_clock_is_named(clock: str) -> None:
    told = {**params("clock_missed"), "clock": clock}
    assert f"Deadline: {CLOCKS[clock]}" in render("clock_missed", "en", STAFF, "email", told).text


def test_a_webhook_says_what_the_feed_says() -> None:
    made = render("offer_withdrawn", "en", PARTNER, "webhook", params("offer_withdrawn"))
    body = json.loads(made.text)
    assert (made.subject, body["type"], body["timestamp"]) == (*["referral.withdrawn"] * 2, "2026-11-24T08:00:00+00:00")
    assert set(body["data"]) == {"referral", "reference", "state", "reason", "url"}
    assert body["data"]["reason"] == "by_caseworker"


@pytest.mark.parametrize(
    ("kind", "audience", "channel"),
    [
        ("urgent_case", REPORTER, "email"),
        ("offer", REPORTER, "email"),
        ("status_changed", PARTNER, "email"),
        ("offer", PARTNER, "sms"),
        ("status_changed", REPORTER, "webhook"),
        ("nonsense", STAFF, "email"),
    ],
)
def test_a_message_for_the_wrong_reader_is_not_made(kind: str, audience: str, channel: str) -> None:
    with pytest.raises(ValueError, match="no message"):
        render(kind, "en", audience, channel, params("offer"))


def test_html_says_what_the_text_says_and_nothing_foreign_gets_in() -> None:
    told = {**params("offer"), "reference": "<script>alert(1)</script>"}
    made = render("offer", "en", PARTNER, "email", told)
    assert made.html is not None and "<script" not in made.html and '<html lang="en">' in made.html
