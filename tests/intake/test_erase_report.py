"""Erasure: after it nothing that a person gave can be read, whatever keys somebody holds (bars.md S11)."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection

from intake.actions import erase_report as module
from intake.actions.change_consent import stop_sharing
from intake.actions.drafts import open_draft, save_answers, start_draft
from intake.actions.erase_report import erase_report
from intake.actions.file_store import keep, report_files
from intake.actions.send_draft import send_draft
from intake.actions.submit_report import ReportEntry, submit_report
from intake.encryption import DataKey
from intake.errors import DraftExpired, ReportErased
from intake.models import (
    AccessRecord,
    Attachment,
    BlindIndex,
    Body,
    Complaint,
    Consent,
    Correction,
    Draft,
    IntakeEvent,
    LegalHold,
    Message,
    Report,
    ReportKey,
    SafeContact,
)
from intake.queries import mailbox, report_by_code
from intake.references import new_id

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture(autouse=True)
def file_folder(tmp_path: Path, settings: Any) -> None:
    options = {"location": str(tmp_path / "files"), "base_url": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "reports": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options},
    }


@pytest.fixture
def kept(full_entry: Make, body: Body, now: datetime) -> UUID:
    """A report with something in every table that can hold what a person gave."""
    sent = submit_report(entry=full_entry(must_not_see=(body.pk,), submission_key="k"), now=now)
    report_id, key = sent.report_id, ReportKey.of(sent.report_id)
    for row, values in (
        (Message(report_id=report_id, voice="reporter", sent_at=now), {"text": "Canary-message"}),
        (Correction(report_id=report_id, part="family", made_at=now), {"content": "Canary-correction"}),
        (Complaint(report_id=report_id, about=body, made_at=now), {"text": "Canary-complaint"}),
        (
            LegalHold(report_id=report_id, by_ref=new_id(), set_at=now, until=now.date()),
            {"reason": "Canary-hold"},
        ),
    ):
        row.seal(key, **values).save()
    file = Attachment(report_id=report_id, state="ready", uploaded_at=now, clean_name=keep(io.BytesIO(b"sealed")))
    file.seal(key, name="Canary-file.jpg", file_key="00" * 32).save()
    AccessRecord.objects.create(
        report_id=report_id, voice="partner", body=body, purpose="case_fetched", groups=["story"], at=now
    )
    return report_id


def sealed_values() -> Iterator[tuple[str, bytes]]:
    """Every sealed value of every table, with the label under which it opens."""
    for model in apps.get_models(include_auto_created=True):
        names = [f.name for f in model._meta.concrete_fields if f.get_internal_type() == "BinaryField"]
        for row in model._base_manager.all() if names and hasattr(model, "unseal") else ():
            for name in names:
                value = getattr(row, name)
                if value is not None and hasattr(value, "blob"):
                    yield row.sealing_label(name), value.blob


def readable(keys: list[DataKey]) -> list[bytes]:
    """What those keys open."""
    found = []
    for label, blob in sealed_values():
        for key in keys:
            try:
                found.append(key.open(blob, label=label))
            except Exception:  # noqa: BLE001, S112
                continue
    return found


def all_keys() -> list[DataKey]:
    return [row.open() for row in ReportKey.objects.all()]


def plain_dump() -> str:
    """Every column of every table as it lies there."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [repr(bytes(v) if isinstance(v, memoryview) else v) for row in cursor.fetchall() for v in row]
    return "\n".join(parts)


def test_before_it_the_canaries_can_be_read(kept: UUID) -> None:
    opened = b"\n".join(readable(all_keys()))
    for canary in (
        "story",
        "name",
        "family",
        "actor",
        "hidden",
        "cover",
        "word",
        "message",
        "correction",
        "complaint",
        "file",
    ):
        assert f"Canary-{canary}".encode() in opened
    assert "anary" not in plain_dump(), "nor is anything of it in the clear even then"


def test_after_it_nothing_can_be_read_with_all_keys_at_hand(kept: UUID, now: datetime) -> None:
    erase_report(report_id=kept, because="reporter", now=now)
    assert not ReportKey.objects.filter(pk=kept).exists(), "what cases sealed with it is silenced too"
    assert readable(all_keys()) == []
    assert list(sealed_values()) == [], "nor does any sealed value wait for a key that somebody copied"
    assert "anary" not in plain_dump() + repr(getattr(cache, "_cache", ""))


def test_nothing_that_finds_the_person_is_left(kept: UUID, now: datetime) -> None:
    erase_report(report_id=kept, because="reporter", now=now)
    for model in (
        BlindIndex,
        SafeContact,
        Message,
        Correction,
        Complaint,
        Attachment,
        Draft,
        Report.must_not_see.through,
    ):
        assert not model._default_manager.exists(), model
    row = Report.objects.get()
    assert (row.code_hash, row.submission_key, row.erased_because) == (None, None, "reporter")


def test_the_stored_bytes_of_files_go_with_the_commit(
    kept: UUID, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    name = Attachment.objects.get().clean_name
    assert report_files().exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        erase_report(report_id=kept, because="reporter", now=now)
    assert not report_files().exists(name)


def test_the_skeleton_for_counting_stays(kept: UUID, now: datetime) -> None:
    erase_report(report_id=kept, because="reporter", now=now)
    row = Report.objects.get()
    assert (row.country_id, row.category_id, row.subcode, row.age_band) == ("RU", "WRK", "UNPAID", "25_39")
    assert Consent.objects.filter(report=row).count() == 4 and AccessRecord.objects.filter(report=row).count() == 1
    assert LegalHold.objects.get().reason is None
    assert list(IntakeEvent.objects.values_list("kind", flat=True)) == ["submitted", "erased"]


def test_the_certificate_names_the_day_on_which_it_is_complete(kept: UUID, now: datetime, settings: Any) -> None:
    settings.SNAPSHOT_DAYS = 7
    made = erase_report(report_id=kept, because="reporter", now=now)
    assert (made.reference, made.erased_at) == (Report.objects.get().reference, now)
    assert made.complete_on == date(2026, 12, 1) and made.told == ()


def test_erasing_again_changes_nothing(kept: UUID, now: datetime) -> None:
    first = erase_report(report_id=kept, because="reporter", now=now)
    assert erase_report(report_id=kept, because="retention", now=now + timedelta(days=9)) == first
    assert IntakeEvent.objects.filter(kind="erased").count() == 1
    assert Report.objects.get().erased_because == "reporter"


def test_another_report_is_not_touched(kept: UUID, full_entry: Make, now: datetime) -> None:
    other = submit_report(entry=full_entry(), now=now)
    erase_report(report_id=kept, because="reporter", now=now)
    assert Report.objects.get(pk=other.report_id).unseal(ReportKey.of(other.report_id), "story").startswith("Canary")
    assert BlindIndex.objects.filter(report_id=other.report_id).count() == 2
    assert report_by_code(other.code or "") is not None


def test_the_code_opens_nothing_any_more(full_entry: Make, now: datetime) -> None:
    sent = submit_report(entry=full_entry(), now=now)
    erase_report(report_id=sent.report_id, because="reporter", now=now)
    assert report_by_code(sent.code or "") is None and mailbox(sent.report_id, now) is None


def test_the_sent_draft_is_gone_with_the_code_that_it_showed(small_reference: None, now: datetime) -> None:
    secret = start_draft(now=now).secret
    save_answers(secret=secret, step="where", values={"country": "RU"}, now=now)
    save_answers(secret=secret, step="what", values={"category": "WRK"}, now=now)
    sent = send_draft(secret=secret, now=now)
    assert open_draft(secret=secret, now=now).code == sent.code is not None
    erase_report(report_id=sent.report_id, because="reporter", now=now)
    with pytest.raises(DraftExpired):
        open_draft(secret=secret, now=now)


def test_the_person_can_erase_what_is_held_for_a_court(kept: UUID, now: datetime) -> None:
    LegalHold.objects.update(until=now.date() + timedelta(days=300))
    erase_report(report_id=kept, because="reporter", now=now)
    assert readable(all_keys()) == []


@pytest.mark.django_db(transaction=True)
def test_two_tabs_erase_once(kept: UUID, now: datetime) -> None:
    def run(_: int) -> Any:
        try:
            return erase_report(report_id=kept, because="reporter", now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(run, range(4)))) == 1
    assert IntakeEvent.objects.filter(kind="erased").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_beside_it_is_refused_cleanly_and_leaves_nothing_readable(kept: UUID, now: datetime) -> None:
    def act(which: int) -> str:
        try:
            if which == 0:
                erase_report(report_id=kept, because="reporter", now=now)
            else:
                stop_sharing(report_id=kept, now=now)
        except ReportErased:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(act, range(2)))
    assert done[0] == "done" and readable(all_keys()) == []
    assert Consent.objects.filter(answer="none").count() == (done[1] == "done")


def test_a_failure_in_the_middle_erases_nothing(kept: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(module, "hand_over", fail)
    with pytest.raises(RuntimeError):
        erase_report(report_id=kept, because="reporter", now=now)
    assert b"Canary-story" in b"\n".join(readable(all_keys())) and BlindIndex.objects.count() == 2


def test_a_reason_that_is_none_is_refused(kept: UUID, now: datetime) -> None:
    with pytest.raises(ValueError, match="boredom"):
        erase_report(report_id=kept, because="boredom", now=now)
    assert all_keys()
