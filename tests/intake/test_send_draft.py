"""Sending a draft makes one report, and the person keeps the code that was shown."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from intake.actions import entry
from intake.actions.drafts import confirm_code, delete_expired_drafts, open_draft, save_answers, start_draft
from intake.actions.entry import Submitted
from intake.actions.send_draft import send_draft
from intake.errors import InvalidInput
from intake.models import Body, Consent, Draft, IntakeEvent, Report, ReportKey, SafeContact
from intake.queries import report_by_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]
MINIMUM = {"where": {"country": "RU"}, "what": {"category": "WRK"}}


@pytest.fixture
def draft_of(now: datetime) -> Callable[[dict[str, dict[str, Any]]], str]:
    def make(steps: dict[str, dict[str, Any]]) -> str:
        secret = start_draft(now=now).secret
        for step, values in steps.items():
            save_answers(secret=secret, step=step, values=values, now=now, interface_language="az")
        return secret

    return make


Make = Callable[[dict[str, dict[str, Any]]], str]


def test_country_and_category_are_enough(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    shown = open_draft(secret=secret, now=now).code
    sent = send_draft(secret=secret, now=now)
    assert sent.code == shown is not None and not sent.is_repeat
    found = report_by_code(shown or "")
    assert found is not None and (found.pk, found.language_id, found.channel) == (sent.report_id, "az", "web")
    assert not Consent.objects.exists() and not SafeContact.objects.exists()


def test_every_step_arrives_in_the_report(draft_of: Make, body: Body, now: datetime) -> None:
    secret = draft_of(
        {
            "where": {"country": "RU", "region": "RU-KAM"},
            "about": {"about": "other", "subject_unaware": True},
            "what": {"category": "WRK", "subcode": "UNPAID"},
            "questions": {"held": "unknown", "contact_lost": "yes", "forced": "no", "no_papers": "yes"},
            "story": {"story": "Maaş\r\nyoxdur"},
            "person": {"language": "ru", "age_band": "18_24", "citizenship": "AZ", "identity_name": "Əli"},
            "actor": {"actor_kind": "employer", "actor_name": "Zavod"},
            "exclude": {"must_not_see": [str(body.pk)], "must_not_see_text": "qonşu"},
            "handler": {"handler": "any"},
            "contact": {
                "mailbox_only": False,
                "method": "email",
                "value": "a@example.org",
                "days": [5],
                "hours_from": "20:00",
                "hours_until": "21:00",
                "device_shared": "yes",
                "may_leave_message": False,
                "cover_name": "Aygün",
                "safe_word": "nar",
                "never_contact": False,
                "notify": True,
            },
            "consent": {"share": "ask_first", "cross_border": "yes", "groups": ["story"]},
        }
    )
    report = Report.objects.get(pk=send_draft(secret=secret, now=now).report_id)
    key = ReportKey.of(report.pk)
    assert (report.region_id, report.about, report.subject_unaware, report.handler) == ("RU-KAM", "other", True, "any")
    assert (report.language_id, report.age_band, report.citizenship, report.subcode) == ("ru", "18_24", "AZ", "UNPAID")
    assert report.unseal(key, "answers") == {"held": "unknown", "contact_lost": "yes", "forced": "no"}
    assert report.unseal(key, "story") == "Maaş\nyoxdur" and report.unseal(key, "identity") == {"name": "Əli"}
    assert report.unseal(key, "actor_name") == "Zavod" and report.unseal(key, "must_not_see_text") == "qonşu"
    assert list(report.must_not_see.all()) == [body]
    contact = SafeContact.objects.get()
    assert (contact.method, contact.days, contact.timezone, contact.notify) == ("email", [5], "Asia/Kamchatka", True)
    assert contact.unseal(key, "safe_word") == "nar"
    assert {(row.question, row.answer, row.text_version, row.language) for row in Consent.objects.all()} == {
        ("share", "ask_first", 3, "az"),
        ("cross_border", "yes", 3, "az"),
        ("group", "yes", 3, "az"),
    }


def test_who_sends_now_before_writing_the_number_is_not_held_up(draft_of: Make, now: datetime) -> None:
    send_draft(secret=draft_of(MINIMUM | {"contact": {"mailbox_only": False, "method": "phone", "value": ""}}), now=now)
    assert Report.objects.exists() and not SafeContact.objects.exists()


def test_who_looks_at_the_page_leaves_no_contact_whatever_else_stands_there(draft_of: Make, now: datetime) -> None:
    send_draft(secret=draft_of(MINIMUM | {"contact": {"mailbox_only": True, "value": "x", "days": []}}), now=now)
    assert not SafeContact.objects.exists()


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ({"what": {"category": "WRK"}}, "where.country"),
        ({"where": {"country": "RU"}}, "what.category"),
        (MINIMUM | {"where": {"country": "RU", "region": "AZ-BA"}}, "where.region"),
        (MINIMUM | {"story": {"story": "x" * 20_001}}, "story.story"),
        (MINIMUM | {"person": {"identity_name": "x" * 201}}, "person.identity_name"),
        (MINIMUM | {"person": {"citizenship": "QQ"}}, "person.citizenship"),
        (MINIMUM | {"exclude": {"must_not_see": ["no"]}}, "exclude.must_not_see"),
        (MINIMUM | {"questions": {"date_near": "yes", "date_on": "0001-01-01"}}, "questions.date_on"),
        (MINIMUM | {"questions": {"held": "maybe"}}, "questions"),
        (MINIMUM | {"contact": {"method": "phone", "value": "1"}}, "contact.value"),
        (MINIMUM | {"consent": {"share": "perhaps"}}, "consent.share"),
        (MINIMUM | {"about": {"about": "dog"}}, "about.about"),
    ],
)
def test_what_is_wrong_is_named_by_step_and_nothing_is_lost(
    draft_of: Make, now: datetime, steps: dict[str, dict[str, Any]], field: str
) -> None:
    secret = draft_of(steps)
    with pytest.raises(InvalidInput) as refused:
        send_draft(secret=secret, now=now)
    assert set(refused.value.fields) == {field}
    assert not Report.objects.exists()
    kept = open_draft(secret=secret, now=now).answers
    assert {step: kept[step] for step in steps} == steps


@pytest.mark.django_db(transaction=True)
def test_sent_again_it_is_the_same_report_and_the_same_code(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    first = send_draft(secret=secret, now=now)
    again = send_draft(secret=secret, now=now + timedelta(minutes=29))
    assert (again.report_id, again.reference, again.code) == (first.report_id, first.reference, first.code)
    assert again.is_repeat and IntakeEvent.objects.count() == 1


def test_the_code_is_shown_for_thirty_minutes_after_sending(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    send_draft(secret=secret, now=now)
    late = now + timedelta(minutes=30)
    assert send_draft(secret=secret, now=late).code is None and open_draft(secret=secret, now=late).code is None


def test_half_an_hour_after_sending_the_sweep_forgets_the_code_itself(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    send_draft(secret=secret, now=now)
    assert delete_expired_drafts(now=now + timedelta(minutes=29)) == 0
    assert delete_expired_drafts(now=now + timedelta(minutes=30)) == 1
    assert Draft.objects.get().code is None
    assert send_draft(secret=secret, now=now + timedelta(minutes=31)).is_repeat  # still no second report


def test_a_code_confirmed_before_sending_opens_the_report_after_it(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    written_down = open_draft(secret=secret, now=now).code or ""
    confirm_code(secret=secret, now=now)
    sent = send_draft(secret=secret, now=now)
    assert sent.code is None
    found = report_by_code(written_down)
    assert found is not None and found.pk == sent.report_id


def test_a_code_confirmed_after_sending_is_gone_from_the_draft(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    send_draft(secret=secret, now=now)
    confirm_code(secret=secret, now=now)
    assert Draft.objects.get().code is None and send_draft(secret=secret, now=now).code is None


def test_a_sent_draft_keeps_no_second_copy_of_the_answers(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    send_draft(secret=secret, now=now)
    assert Draft.objects.get().answers is None and open_draft(secret=secret, now=now).is_sent


def test_sent_in_the_last_minute_the_code_can_still_be_seen_again(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)
    sent = send_draft(secret=secret, now=now + timedelta(hours=23, minutes=59))
    assert send_draft(secret=secret, now=now + timedelta(hours=24, minutes=20)).code == sent.code is not None


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_report_and_both_see_the_same_code(draft_of: Make, now: datetime) -> None:
    secret = draft_of(MINIMUM)

    def send(_: int) -> Submitted:
        try:
            return send_draft(secret=secret, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(send, range(6)))
    assert len({(result.report_id, result.code) for result in results}) == 1 and results[0].code
    assert sum(not result.is_repeat for result in results) == 1
    assert Report.objects.count() == ReportKey.objects.count() == IntakeEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_taken_reference_does_not_lose_the_report(
    draft_of: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = iter(["AAAA-AAA-A", "AAAA-AAA-A", "BBBB-BBB-B"])
    monkeypatch.setattr(entry, "new_reference", lambda: next(references))
    send_draft(secret=draft_of(MINIMUM), now=now)
    assert send_draft(secret=draft_of(MINIMUM), now=now).reference == "BBBB-BBB-B"
