"""The case file: what is shown, what reading it records, and what becomes of two people at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cases.actions.add_note import add_note
from cases.actions.assign import take_case
from cases.actions.record import SYSTEM, Event, record_events
from cases.models import Case, DutyAlert, Note, Referral
from cases.web.views.case_file import reach
from intake.actions.entry import ContactEntry
from intake.models import AccessRecord, ReportKey, SafeContact
from intake.queries import reference_data
from tests.cases.arrange import acting, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
CONTACT = ContactEntry(
    method="phone",
    value="+7 900 555 12 34",
    cover_name="Aunt Canary",
    timezone="Europe/Moscow",
    hours_from="09:00",
    hours_until="18:00",
)


def address(case: Case, act: str = "") -> str:
    return f"/console/cases/{case.reference}/{act}"


def seen(case: Case) -> dict[str, Any]:
    return {"seen": Case.objects.get(pk=case.pk).updated_at.isoformat()}


def test_the_story_opens_and_leaves_one_record_a_day(now: datetime) -> None:
    case, user = opened(now, story="They <b>kept</b> my wages"), staff(language="en")
    client = signed_in(user)
    pages = [client.get(address(case)).content.decode() for _ in range(2)]
    assert all("They &lt;b&gt;kept&lt;/b&gt; my wages" in page for page in pages)
    assert "is recorded once a day" in pages[0]
    record = AccessRecord.objects.get()
    assert (record.purpose, record.by_ref, record.groups) == ("story_read", user.pk, ["story"])


def test_contact_and_identity_stay_shut_until_asked_for(now: datetime) -> None:
    case = opened(now, contact=CONTACT, identity={"name": "Canary Person"}, family="Canary family")
    client = signed_in(staff(language="en"))
    closed = client.get(address(case)).content.decode()
    assert not any(word in closed for word in ("5551234", "Aunt Canary", "Canary Person", "Canary family"))
    opened_page = client.post(address(case, "personal/")).content.decode()
    assert all(word in opened_page for word in ("5551234", "Aunt Canary", "Canary Person", "Canary family"))
    purposes = set(AccessRecord.objects.values_list("purpose", flat=True))
    assert purposes == {"story_read", "contact_read", "identity_read"}


def test_how_the_person_concerned_is_reached_is_shown_beside_the_reporters_own_and_as_shut(now: datetime) -> None:
    theirs = ContactEntry(method="sms", value="+994501234567", cover_name="Cousin Canary", safe_word="quince")
    case = opened(now, contact=CONTACT, about="other", subject_contact=theirs)
    client = signed_in(staff(language="en"))
    closed = client.get(address(case)).content.decode()
    assert "Person concerned: safe at any hour" in closed
    assert not any(word in closed for word in ("+994501234567", "Cousin Canary", "quince"))
    opened_page = client.post(address(case, "personal/")).content.decode()
    assert all(word in opened_page for word in ("+994501234567", "Cousin Canary", "quince", "5551234", "Aunt Canary"))


def test_nobody_overlooks_that_the_person_concerned_must_not_be_contacted(now: datetime) -> None:
    case = opened(now, contact=CONTACT, about="other", subject_contact=ContactEntry(never_contact=True))
    page = signed_in(staff(language="en")).get(address(case)).content.decode()
    assert "Person concerned: never contact" in page
    mine = opened(now, contact=CONTACT)
    assert "Person concerned:" not in signed_in(staff(language="en")).get(address(mine)).content.decode()


def test_reading_an_alarmed_case_marks_the_alarm_heard(now: datetime) -> None:
    user = staff("supervisor")
    case = opened(now, category="DET")
    assert DutyAlert.objects.filter(case=case, opened_at__isnull=True).exists()
    signed_in(user).get(address(case))
    assert not DutyAlert.objects.filter(case=case, opened_at__isnull=True).exists()


def test_an_erased_report_is_said_to_be_gone(now: datetime) -> None:
    case = opened(now, story="gone")
    ReportKey.objects.all().delete()
    client = signed_in(staff(language="en"))
    assert b"deleted for ever" in client.get(address(case)).content
    assert client.post(address(case, "personal/")).status_code == 410


@pytest.mark.parametrize("first", [True, False])
def test_a_long_case_takes_no_more_statements(first: bool, now: datetime, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = staff("supervisor")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    case = opened(now, category="DET", story="x", contact=CONTACT)
    for _ in range(10):
        add_note(case_id=case.pk, text="note", by=acting(user), now=now)
    for _ in range(12):
        referral(case, partner(), now)
    case.refresh_from_db()
    record_events(case, [Event("note_added", {"note": case.pk})] * 500, by=SYSTEM, now=now)
    case.save()
    client = signed_in(user)
    if not first:
        client.get(address(case))
    reference_data()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address(case)).content
    statements = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(statements) <= 39, "\n".join(statements)
    assert page.count(b"Internal note added") <= 50
    assert b"older entries are not shown" in page


def test_triage_is_confirmed_from_the_page(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    given = {"kind": "WRK.UNPAID", "urgency": 2, "next_step": "route", "reason": "", **seen(case)}
    answer = client.post(address(case, "triage/"), given, follow=True)
    assert b"Triage is confirmed" in answer.content
    assert Case.objects.get().state == "routing"
    assert Case.objects.get().urgency == 2


def test_a_refusal_is_told_at_the_form_and_keeps_what_was_typed(now: datetime) -> None:
    case, client = opened(now, category="DET"), signed_in(staff(language="en"))
    given = {"kind": "DET", "urgency": 4, "next_step": "route", "reason": "my long reason", **seen(case)}
    answer = client.post(address(case, "triage/"), given)
    assert answer.status_code == 403
    assert b"You may not do this" in answer.content
    assert b"my long reason" in answer.content
    assert Case.objects.get().urgency == 1


def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    old = seen(case)
    add_note(case_id=case.pk, text="from a colleague", by=acting(staff()), now=now + timedelta(minutes=1))
    given = {"kind": "WRK", "urgency": 1, "next_step": "in_progress", "reason": "typed before", **old}
    answer = client.post(address(case, "triage/"), given)
    assert answer.status_code == 412
    assert b"Somebody changed this in the meantime" in answer.content
    assert b"typed before" in answer.content
    assert Case.objects.get().urgency == case.urgency
    again = client.post(address(case, "triage/"), given | seen(case))
    assert again.status_code == 302


def test_a_note_is_kept_and_shown(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    page = client.post(address(case, "note/"), {"text": "Called <i>twice</i>", **seen(case)}, follow=True).content
    assert b"Called &lt;i&gt;twice&lt;/i&gt;" in page
    assert Note.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("triage/", {"kind": "XXX", "urgency": "x" * 5000, "next_step": "\x00"}),
        ("note/", {"text": "n" * 10_001}),
        ("note/", {"text": "   "}),
        ("offer/", {"partner": ["not-an-id", "x"], "decision": "zzz"}),
        ("offer/", {}),
        ("take/", {"seen": "s" * 100}),
    ],
)
def test_hostile_input_is_refused_and_changes_nothing(act: str, given: dict[str, Any], now: datetime) -> None:
    case, client = opened(now), signed_in(staff("supervisor"))
    before = Case.objects.values().get()
    assert client.post(address(case, act), seen(case) | given).status_code == 422
    assert Case.objects.values().get() == before
    assert not Note.objects.exists()


@pytest.mark.parametrize("reference", ["x", "AAAA-AAA-A", "%00", "' OR 1=1", "٢٢٢٢-٢٢٢-٢", "a" * 500])
def test_a_reference_that_is_none_is_not_found(reference: str) -> None:
    assert signed_in(staff()).get(f"/console/cases/{reference}/").status_code == 404


def test_a_free_case_is_taken_once(now: datetime) -> None:
    case, user = opened(now), staff()
    signed_in(user).post(address(case, "take/"), seen(case))
    assert Case.objects.get().responsible == user
    answer = signed_in(staff(language="en")).post(address(case, "take/"), seen(case))
    assert answer.status_code == 412
    assert Case.objects.get().responsible == user


def test_an_offer_to_nobody_proposed_needs_a_reason(now: datetime) -> None:
    case, other = opened(now), partner("AZ")
    client = signed_in(staff("supervisor", language="en"))
    answer = client.post(address(case, "offer/"), {"other": str(other.pk), "reason": "", **seen(case)})
    assert answer.status_code == 422
    assert b"Please give a reason" in answer.content
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("hour", "state", "moment"), [(10, "safe", "18:00"), (5, "unsafe", "09:00"), (20, "unsafe", "09:00")]
)
def test_it_says_until_or_from_when_the_person_is_reached(hour: int, state: str, moment: str, now: datetime) -> None:
    opened(now, contact=CONTACT)
    found = reach(SafeContact.objects.get(), now.replace(hour=hour - 3))
    assert found["state"] == state
    assert f"{found.get('until') or found.get('from'):%H:%M}" == moment


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (10, "indi təhlükəsizdir, saat 18:00-dək (Europe/Moscow)"),
        (20, "indi olmaz, ən tezi 25 noyabr, 09:00 (Europe/Moscow)"),
    ],
)
def test_the_page_says_it_on_the_persons_clock_whatever_the_readers(hour: int, said: str, now: datetime) -> None:
    opened(now, contact=CONTACT)
    found = reach(SafeContact.objects.get(), now.replace(hour=hour - 3))
    with timezone.override("Asia/Baku"), translation.override("az"):
        assert render_to_string("console/case/reach.html", {"reach": found}).strip() == said


def test_no_contact_means_the_reporters_page(client: Client, now: datetime) -> None:
    assert reach(None, now) == {"state": "mailbox"}


def test_one_case_of_somebody_who_left_is_taken_by_its_button(now: datetime) -> None:
    gone, colleague = staff(), staff(language="en")
    case = opened(now)
    take_case(case_id=case.pk, user_id=gone.pk, by=acting(gone), now=now)
    page = signed_in(colleague)
    assert b"Take it" not in page.get(f"/console/cases/{case.reference}/").content
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert b"Take it" in page.get(f"/console/cases/{case.reference}/").content
    take_case(case_id=case.pk, user_id=colleague.pk, by=acting(colleague), now=now)
    case.refresh_from_db()
    assert case.responsible == colleague
