"""Two archives: what they hold, that they give back exactly what was there, and that erased stays unreadable (R12)."""

import io
import json
import stat
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection

from cases.actions import notify
from cases.actions.add_note import add_note_step
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.take_up import take_up_report_events
from cases.management.archives import reading, tables, writing
from cases.management.archives.archive import Damaged, members, verify
from cases.management.archives.reading import Refused, restore
from cases.management.archives.writing import Backup, write_backup
from cases.models import Case, GroupNote, User
from intake.actions.drafts import start_draft
from intake.actions.erase_report import erase_report
from intake.actions.file_store import keep, report_files
from intake.models import Attachment, BlindIndex, Draft, IntakeEvent, Message, Report, ReportKey
from intake.queries import report_by_code
from tests.cases.arrange import OPTED_IN, acting, at_once, opened, partner, referral, staff, submitted, webhook
from tests.cases.owner import as_owner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def file_folder(tmp_path: Path, settings: Any) -> None:
    options = {"location": str(tmp_path / "files"), "base_url": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "reports": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options},
    }


@pytest.fixture
def filled(now: datetime) -> Case:
    """Rows of every kind of column, a file, a draft, secrets under the system key."""
    case = opened(now, story="Canary-story üç ay", contact=OPTED_IN, identity={"name": "Canary-name"})
    for _ in range(3):
        opened(now)
    owner = partner(phone="+994501234567", paused_until=now.date())
    webhook(owner, now)
    referral(case, owner, now, "accepted")
    user = staff(phone="+79161234567", roles=["caseworker", "supervisor"])
    add_note_step(case=case, text="Canary-note", author=user, now=now)
    notify.write_outbox(notify.message_waiting(case, now))
    key = ReportKey.of(case.report_id)
    Message(report_id=case.report_id, voice="reporter", sent_at=now).seal(key, text="Canary-message").save()
    name = keep(io.BytesIO(b"sealed bytes"))
    Attachment.objects.create(report_id=case.report_id, state="ready", clean_name=name, uploaded_at=now)
    draft = start_draft(now=now).draft
    Attachment.objects.create(
        draft=draft, state="received", raw_parts=[keep(io.BytesIO(b"of a draft"))], uploaded_at=now
    )
    return case


def everything() -> dict[str, list[Any]]:
    return {model._meta.label: list(tables.rows(model)) for model in [*tables.data_models(), *tables.key_models()]}


def plain() -> dict[str, list[Any]]:
    """Every column as the database has it, past all of our code."""
    kept = {}
    with connection.cursor() as cursor:
        for model in [*tables.data_models(), *tables.key_models()]:
            only = " WHERE report_id IS NOT NULL" if model is Attachment else ""
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"{only}')
            kept[model._meta.label] = sorted(repr([_bytes(value) for value in row]) for row in cursor.fetchall())
    return kept


def _bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def wipe() -> None:
    """As a new database after `migrate`."""
    with as_owner():
        call_command("flush", interactive=False, verbosity=0)
    for path in list(Path(report_files().path("")).rglob("*")):
        if path.is_file():
            path.unlink()


@pytest.fixture
def saved(filled: Case, tmp_path: Path, now: datetime) -> Callable[..., Backup]:
    def save(at: datetime = now, **values: Any) -> Backup:
        for name in ("data", "keys"):
            (tmp_path / name).mkdir(exist_ok=True)
        values.setdefault("key_file", None)
        return write_backup(data_folder=tmp_path / "data", keys_folder=tmp_path / "keys", now=at, **values)

    return save


def test_what_is_restored_is_what_was_there_row_by_row(saved: Callable[..., Backup], now: datetime) -> None:
    before, before_plain = everything(), plain()
    made = saved()
    wipe()
    assert not Report.objects.exists() and not report_files().exists(_file())
    done = restore(data=made.data, keys=made.keys, now=now)
    assert everything() == before and plain() == before_plain
    assert (done.report_keys, done.files, done.erasures_finished) == (4, 1, 0)
    with report_files().open(_file()) as stream:
        assert stream.read() == b"sealed bytes"


def _file() -> str:
    return Attachment.objects.get().clean_name if Attachment.objects.exists() else "00/" + "0" * 32


def test_what_was_sealed_opens_again_and_new_rows_find_free_numbers(
    saved: Callable[..., Backup], filled: Case, now: datetime
) -> None:
    made = saved()
    wipe()
    restore(data=made.data, keys=made.keys, now=now)
    row = Report.objects.get(pk=filled.report_id)
    assert row.unseal(ReportKey.of(row.pk), "story") == "Canary-story üç ay"
    assert "+79161234567" in User.objects.values_list("phone", flat=True)
    new = opened(now)
    assert IntakeEvent.objects.get(report_id=new.report_id).pk > IntakeEvent.objects.get(report_id=row.pk).pk
    assert ContentType.objects.count() == len(set(ContentType.objects.values_list("app_label", "model")))


def test_the_keys_of_a_groups_shared_note_come_back_and_those_destroyed_do_not(
    saved: Callable[..., Backup], now: datetime
) -> None:
    """They lie among the reports' keys under the note's own id, and belong to no report."""
    one, other = Case.objects.order_by("pk")[:2]
    who = acting(staff())
    group = group_cases(case_id=one.pk, other_id=other.pk, by=who, now=now)
    kept = write_group_note(group_id=group.pk, text="Canary-kept", by=who, now=now)
    lost = write_group_note(group_id=group.pk, text="Canary-lost", by=who, now=now + DAY)
    copied = ReportKey.of(lost.pk)
    backup = saved()
    ReportKey.objects.filter(pk=lost.pk).delete()  # as an erasure does, after the data was saved
    newer = saved(now + DAY)
    wipe()
    restore(data=backup.data, keys=newer.keys, now=now + 2 * DAY)
    assert GroupNote.objects.get(pk=kept.pk).unseal(ReportKey.of(kept.pk), "text") == "Canary-kept"
    assert not ReportKey.objects.filter(pk=lost.pk).exists()
    assert GroupNote.objects.get(pk=lost.pk).unseal(copied, "text") == "Canary-lost", "sealed, and nobody's key"


def test_old_data_with_todays_keys_leaves_the_erased_unreadable(
    saved: Callable[..., Backup], filled: Case, now: datetime
) -> None:
    code_hash = bytes(Report.objects.get(pk=filled.report_id).code_hash or b"")
    old = saved(now)
    erase_report(report_id=filled.report_id, because="reporter", now=now + DAY)
    later = opened(now + DAY)
    today = saved(now + DAY)
    wipe()
    done = restore(data=old.data, keys=today.keys, now=now + 2 * DAY)
    assert (done.erasures_finished, done.report_keys) == (1, 3)
    gone = Report.objects.get(pk=filled.report_id)
    assert gone.story is None and gone.erased_at and not ReportKey.objects.filter(pk=gone.pk).exists()
    for model in (BlindIndex, Message, Attachment):
        assert not model.objects.filter(report_id=gone.pk).exists()
    assert not Report.objects.filter(code_hash=code_hash).exists() and report_by_code("1" * 20) is None
    assert not Report.objects.filter(pk=later.report_id).exists()
    others = Report.objects.exclude(pk=gone.pk)
    assert others.count() == 3 and all(row.unseal(ReportKey.of(row.pk), "answers") is None or row for row in others)
    take_up_report_events(report_id=gone.pk, now=now + 2 * DAY)
    assert Case.objects.get(report_id=gone.pk).state == "withdrawn"


def test_the_archive_of_data_alone_opens_nothing(saved: Callable[..., Backup]) -> None:
    made = saved()
    content = b"".join(stream.read() for _, stream in members(made.data))
    assert b"anary-story" not in content and b"anary-n" not in content and b"anary-message" not in content
    assert b"501234567" not in content and b"9161234567" not in content and b"whsec_x" not in content
    for row in ReportKey.objects.all():
        assert bytes(row.wrapped) not in content
    names = [name for name, _ in members(made.data)]
    assert not [name for name in names if "ReportKey" in name or "session" in name.lower() or "Draft" in name]
    assert len([name for name in names if name.startswith("files/")]) == 1, "none of a draft"


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(now: datetime) -> None:
    with writing._snapshot():
        before = Report.objects.count()
        at_once(1, lambda: submitted(now))
        assert Report.objects.count() == before
    assert Report.objects.count() == before + 1
    assert getattr(connection, "transaction_mode", "IMMEDIATE") == "IMMEDIATE", "writers take turns again"


def test_only_the_newest_archive_of_keys_is_kept(saved: Callable[..., Backup], now: datetime) -> None:
    first, second = saved(now), saved(now + DAY)
    assert first.data.exists() and second.data.exists()
    assert not first.keys.exists() and second.keys.exists()
    for path in (second.data, second.keys):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(second.data.parent.glob("*.part"))


def test_a_backup_that_fails_leaves_the_earlier_one(
    saved: Callable[..., Backup], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = saved(now)

    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(writing, "_add_files", fail)
    with pytest.raises(RuntimeError):
        saved(now + DAY)
    assert verify(first.keys) and verify(first.data)
    assert sorted(path.name for path in first.data.parent.iterdir()) == [first.data.name]


def test_the_key_file_goes_along_only_when_asked(saved: Callable[..., Backup], now: datetime, settings: Any) -> None:
    assert "keys.json" not in [name for name, _ in members(saved(now).keys)]
    made = saved(now + DAY, key_file=settings.KEYS_FILE)
    found = {name: stream.read() for name, stream in members(made.keys)}
    assert found["keys.json"] == settings.KEYS_FILE.read_bytes()
    wipe()
    assert restore(data=made.data, keys=made.keys, now=now).report_keys == 4


def test_a_file_that_went_while_it_ran_is_counted(saved: Callable[..., Backup]) -> None:
    report_files().delete(Attachment.objects.get(report__isnull=False).clean_name)
    assert (saved().files, saved().missing_files) == (0, 1)


def test_a_database_that_is_not_empty_is_refused(saved: Callable[..., Backup], now: datetime) -> None:
    made = saved()
    before = plain()
    with pytest.raises(Refused, match="not empty"):
        restore(data=made.data, keys=made.keys, now=now)
    assert plain() == before


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "text", "swapped"])
@pytest.mark.parametrize("which", ["data", "keys"])
def test_a_damaged_archive_is_refused_before_the_first_row(
    saved: Callable[..., Backup], which: str, harm: str, now: datetime
) -> None:
    made = saved()
    paths = {"data": made.data, "keys": made.keys}
    content = bytearray(paths[which].read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 0xFF
    elif harm == "cut":
        content = content[: len(content) * 2 // 3]
    elif harm == "empty":
        content = bytearray()
    elif harm == "text":
        content = bytearray(b"hello" * 1000)
    else:
        content = bytearray(paths["keys" if which == "data" else "data"].read_bytes())
    paths[which].write_bytes(content)
    wipe()
    with pytest.raises((Damaged, Refused)):
        restore(data=made.data, keys=made.keys, now=now)
    assert not Report.objects.exists() and not ReportKey.objects.exists()


def test_a_changed_row_with_its_own_checksum_left_alone_is_noticed(saved: Callable[..., Backup]) -> None:
    made = saved()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as target:
        for name, stream in members(made.data):
            content = stream.read()
            if name == "tables/cases.User.jsonl":
                content = content.replace(b"caseworker", b"supervisor")
            info = tarfile.TarInfo(name)
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
    made.data.write_bytes(out.getvalue())
    with pytest.raises(Damaged, match="User"):
        verify(made.data)


def test_another_version_is_refused(saved: Callable[..., Backup], now: datetime, monkeypatch: Any) -> None:
    made = saved()
    wipe()
    monkeypatch.setattr("cases.management.archives.reading.applied_migrations", lambda: ["cases.0001_initial"])
    with pytest.raises(Refused, match="another version"):
        restore(data=made.data, keys=made.keys, now=now)


def test_a_failure_in_the_middle_restores_nothing(
    saved: Callable[..., Backup], now: datetime, monkeypatch: Any
) -> None:
    made = saved()
    wipe()

    def fail() -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(tables, "set_sequences", fail)
        with pytest.raises(RuntimeError):
            restore(data=made.data, keys=made.keys, now=now)
    assert not Report.objects.exists() and ContentType.objects.exists()
    assert restore(data=made.data, keys=made.keys, now=now).files == 1, "what it left in the file store is no hindrance"


def test_the_commands_say_what_they_did(saved: Callable[..., Backup], tmp_path: Path) -> None:
    out = StringIO()
    call_command("backup", data=tmp_path / "a", keys=tmp_path / "b", stdout=out)
    data, keys = next((tmp_path / "a").iterdir()), next((tmp_path / "b").iterdir())
    assert "keys.json" not in [name for name, _ in members(keys)], "the master keys go along only when asked"
    call_command("restore", "--check", data=data, keys=keys, stdout=out)
    assert out.getvalue().count("whole") == 2
    wipe()
    call_command("restore", data=data, keys=keys, stdout=out)
    assert "4 report keys" in out.getvalue() and Draft.objects.count() == 0


@pytest.mark.parametrize(("data", "keys"), [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_data_and_keys_go_to_two_places(data: str, keys: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="apart"):
        call_command("backup", data=tmp_path / data, keys=tmp_path / keys)


def test_a_place_that_cannot_be_written_to_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", data=tmp_path / "file", keys=tmp_path / "keys")


def test_restore_wants_both_and_files_that_are_there(tmp_path: Path) -> None:
    for values in ({}, {"data": tmp_path / "x"}, {"data": tmp_path / "x", "keys": tmp_path / "y"}):
        with pytest.raises(CommandError):
            call_command("restore", **values)


def test_every_type_of_column_survives_as_json(saved: Callable[..., Backup]) -> None:
    for model in tables.data_models():
        for row in tables.rows(model):
            assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize(
    "name",
    ["../outside", "/etc/cron.d/x", "ab/../../x", "ab/" + "f" * 31, "AB/" + "f" * 32, "", "ab/" + "f" * 32 + "\n"],
)
def test_a_file_is_put_back_under_names_of_ours_only(name: str, tmp_path: Path) -> None:
    """Whoever can change an archive must not write elsewhere on the machine with it."""
    with pytest.raises(Refused, match="none of ours"):
        reading._store(name, io.BytesIO(b"x"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
