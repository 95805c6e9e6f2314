"""What an erasure takes from the rows that the life of a case leaves, and what stays as codes."""

from datetime import date, datetime, timedelta

import pytest
from django.apps import apps

from cases.actions.add_note import add_note_step
from cases.actions.follow_ups import add_follow_up, remind_due
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.keep_dates import enter_date
from cases.actions.link_cases import decide_link
from cases.actions.log_attempt import log_attempt
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.actions.take_up import take_up_report_events
from cases.actions.transfer_case import ask_transfer
from cases.actions.vital_interest import ask_vital_interest
from cases.models import Case, CaseDate, CaseLink, ContactAttempt, FollowUp, GroupMember, GroupNote, Referral
from cases.queries.case_file import case_file
from intake.actions.entry import ContactEntry
from intake.actions.erase_report import erase_report
from intake.encryption import DataKey
from intake.models import ReportKey
from tests.cases.arrange import acting, opened, partner, referral, staff
from tests.cases.links_arrange import two
from tests.intake.test_erase_report import plain_dump, readable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)
CONTACT = ContactEntry(method="phone", value="+79005551234", timezone="Europe/Moscow")


def lived(now: datetime) -> tuple[Case, Case, list[DataKey]]:
    """A case with something in every table that its life fills, one of the same incident, and copies of all keys."""
    case, other = two(now, contact=CONTACT, identity={"name": "Canary-name"})
    by = acting(staff())
    row = referral(case, partner("AZ"), now, "accepted")
    itself, key = Actor("partner", row.partner_id), ReportKey.of(case.report_id)
    declined = referral(case, partner("AZ"), now, "declined", ended_at=now)
    declined.seal(key, note="Canary-declined").save()
    case.seal(key, summary="Canary-summary").save()
    record_contact(referral_id=row.pk, at=now + HOUR, channel="phone", reached="no", by=itself, now=now + HOUR)
    record_contact(referral_id=row.pk, at=now + 2 * HOUR, channel="phone", reached="yes", by=itself, now=now + 2 * HOUR)
    progress_referral(referral_id=row.pk, next_step="Canary-step", note="Canary-said", by=itself, now=now + 3 * HOUR)
    log_attempt(case_id=case.pk, channel="phone", result="no_answer", by=by, now=now + 3 * HOUR)
    for one in (case, other):
        add_follow_up(case_id=one.pk, text="Canary-todo", local=datetime(2026, 12, 1, 9, 0), by=by, now=now)
        add_note_step(case=one, text="Canary-note", author=staff(), now=now)
    enter_date(case_id=case.pk, kind="appeal", on=date(2026, 12, 20), by=by, now=now)
    decide_link(case_id=case.pk, other_id=other.pk, kind="same_person", state="confirmed", by=by, now=now)
    first, second = sorted((case.pk, other.pk))
    CaseLink.objects.create(first_id=first, second_id=second, kind="same_actor", state="suggested", ground="actor")
    group = group_cases(case_id=case.pk, other_id=other.pk, by=by, now=now)
    write_group_note(group_id=group.pk, text="Canary-shared", by=by, now=now + HOUR)
    ask_vital_interest(
        case_id=case.pk, partner_id=partner("AZ").pk, groups=["contact"], reason="Canary-vital", by=by, now=now
    )
    ask_transfer(case_id=case.pk, reason_code="person_moved", reason="Canary-moved", by=by, now=now)
    return case, other, [key.open() for key in ReportKey.objects.all()]


def erased(case: Case, now: datetime) -> None:
    erase_report(report_id=case.report_id, because="reporter", now=now)
    take_up_report_events(report_id=case.report_id, now=now)
    case.refresh_from_db()


def test_nothing_of_its_words_waits_for_a_key_that_somebody_copied(now: datetime) -> None:
    case, other, copied = lived(now)
    before = b"\n".join(readable(copied))
    for word in ("name", "step", "said", "declined", "summary", "todo", "note", "shared", "vital", "moved"):
        assert f"Canary-{word}".encode() in before
    erased(case, now + 5 * HOUR)
    left = b"\n".join(readable(copied))
    for word in ("step", "said", "declined", "summary", "shared", "vital", "moved"):
        assert f"Canary-{word}".encode() not in left
    assert left.count(b"Canary-todo") == left.count(b"Canary-note") == 1, "the other person's stay"
    assert "anary" not in plain_dump().replace("Canary-staff", "")
    assert FollowUp.objects.get(case=other).unseal(ReportKey.of(other.report_id), "text") == "Canary-todo"


def test_codes_stay_and_nobody_is_reminded(now: datetime) -> None:
    case, other, _copied = lived(now)
    erased(case, now + 5 * HOUR)
    assert ContactAttempt.objects.filter(case=case).count() == 3, "that somebody was tried, and when"
    assert FollowUp.objects.get(case=case).removed_at == now + 5 * HOUR
    assert remind_due(now=now + timedelta(days=30)) == 1, "of the other case alone"
    assert not CaseDate.objects.filter(case=case).exists() and case.dates == []
    link = CaseLink.objects.get()
    assert (link.state, link.ground, link.strength, link.decided_by) == ("undone", "", 0, None)
    assert GroupMember.objects.get(case=case).removed_at and GroupMember.objects.get(case=other).removed_at is None
    note = GroupNote.objects.get()
    assert note.text is None and not ReportKey.objects.filter(pk=note.pk).exists()
    assert (
        case_file(case, now + 6 * HOUR).follow_ups == []
        and Referral.objects.filter(case=case, state="withdrawn").count() == 1
    )


def test_every_table_with_sealed_words_about_a_case_is_emptied(now: datetime) -> None:
    """A new one that nobody thought of here would be found: all that hang on the case, by whatever path."""
    case, _other, _copied = lived(now)
    erased(case, now + 5 * HOUR)
    paths = {"case": case.pk, "referral__case": case.pk, "id": case.pk}
    for model in apps.get_app_config("cases").get_models():
        sealed = [field.name for field in model._meta.fields if type(field).__name__ == "EncryptedField"]
        names = {field.name for field in model._meta.fields}
        path = "case" if "case" in names else "referral__case" if "referral" in names else "id"
        for row in model._default_manager.filter(**{path: paths[path]}) if sealed else ():
            assert [getattr(row, name) for name in sealed] == [None] * len(sealed), model.__name__


def test_another_persons_rows_are_untouched(now: datetime) -> None:
    case, other, _copied = lived(now)
    third = opened(now)
    before = Case.objects.filter(pk=third.pk).values().get()
    erased(case, now + 5 * HOUR)
    assert Case.objects.filter(pk=third.pk).values().get() == before
    assert ReportKey.objects.filter(pk=other.report_id).exists()
