"""Archives that are whole and yet not fit to be restored: nothing of them comes into the database (R12)."""

import io
import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import InMemoryStorage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from cases.management.archives import reading, tables, writing
from cases.management.archives.archive import SUMS, Damaged, Writer, members, verify
from cases.management.archives.reading import Refused, restore
from cases.management.archives.writing import HEADER, Backup, write_backup
from intake.actions.drafts import start_draft
from intake.actions.erase_report import erase_report
from intake.models import BlindIndex, Draft, Report, ReportKey
from tests.cases.arrange import OPTED_IN, opened
from tests.cases.owner import as_owner
from tests.quick_reference import put_reference

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Content = dict[str, bytes]
"""Members of one archive by name, without the checksums."""
LEFT_OUT = (
    "sessions.Session",
    "oauth2_provider.AccessToken",
    "axes.AccessAttempt",
    "intake.Draft",
    "account.EmailConfirmation",
)


@pytest.fixture(autouse=True)
def no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests share one transaction with what they save; that a backup is of one moment, test_backup.py shows."""
    monkeypatch.setattr(writing, "_snapshot", nullcontext)


@contextmanager
def undone() -> Iterator[None]:
    """Rows for an archive, and then an empty database again: within the test's own transaction, if it has one."""
    point = transaction.savepoint() if connection.in_atomic_block else None
    put_reference()
    yield
    if point is not None:
        transaction.savepoint_rollback(point)
        return
    with as_owner():
        call_command("flush", interactive=False, verbosity=0)


_archives: dict[str, bytes] = {}


@pytest.fixture
def made(db: None, now: datetime, tmp_path: Path) -> Backup:
    """Two archives of one report, saved once, and an empty database to put them into."""
    if not _archives:
        with undone():
            opened(now, contact=OPTED_IN)
            first = backup(tmp_path, now)
        _archives.update(data=first.data.read_bytes(), keys=first.keys.read_bytes())
    paths = {kind: tmp_path / f"{kind}.tar.gz" for kind in _archives}
    for kind, path in paths.items():
        path.write_bytes(_archives[kind])
    return Backup(**paths, rows=0, report_keys=1, files=0, missing_files=0)


def backup(folder: Path, now: datetime) -> Backup:
    for name in ("data", "keys"):
        (folder / name).mkdir(exist_ok=True)
    return write_backup(data_folder=folder / "data", keys_folder=folder / "keys", key_file=None, now=now)


def content_of(path: Path) -> Content:
    return {name: stream.read() for name, stream in members(path) if name != SUMS}


def written_anew(path: Path, change: Callable[[Content], None]) -> None:
    """As somebody would who knows how archives are made: every checksum fits."""
    content = content_of(path)
    change(content)
    with Writer(path) as archive:
        for name, member in content.items():
            archive.add(name, member)
    assert verify(path) == len(content)


def nothing_came_in() -> bool:
    return not tables.not_empty() and ContentType.objects.exists()


def refused(made: Backup, now: datetime, words: str) -> bool:
    with pytest.raises((Damaged, Refused), match=words):
        restore(data=made.data, keys=made.keys, now=now)
    return nothing_came_in()


# --- members that do not belong


@pytest.mark.parametrize(
    "name",
    [
        "tables/intake.ReportKey.jsonl",  # keys come from the newest archive of keys and from nowhere else
        *(f"tables/{label}.jsonl" for label in LEFT_OUT),
        "tables/cases.User.json",
        "more.txt",
    ],
)
def test_data_with_a_member_that_is_none_of_it_is_refused(made: Backup, name: str, now: datetime) -> None:
    keys = content_of(made.keys)["tables/intake.ReportKey.jsonl"]
    written_anew(made.data, lambda content: content.update({name: keys if "Key" in name else b"[]\n"}))
    assert refused(made, now, "is not known")


def test_keys_that_bring_accounts_along_are_refused(made: Backup, now: datetime) -> None:
    accounts = content_of(made.data)["tables/cases.User.jsonl"]
    written_anew(made.keys, lambda content: content.update({"tables/cases.User.jsonl": accounts}))
    assert refused(made, now, "is not known")


@pytest.mark.parametrize("name", ["../outside", "ab/" + "f" * 32 + "/x"])
def test_a_file_that_would_lie_elsewhere_stops_all_of_it(made: Backup, name: str, now: datetime) -> None:
    written_anew(made.data, lambda content: content.update({f"files/{name}": b"x"}))
    assert refused(made, now, "none of ours")


@pytest.mark.django_db(transaction=True)
def test_rows_that_refer_to_what_is_not_there_stop_all_of_it(made: Backup, now: datetime) -> None:
    written_anew(made.data, lambda content: _leave_header_line(content, "tables/intake.Report.jsonl"))
    with pytest.raises(IntegrityError):
        restore(data=made.data, keys=made.keys, now=now)
    assert nothing_came_in()


def _leave_header_line(content: Content, name: str) -> None:
    content[name] = content[name].partition(b"\n")[0] + b"\n"


# --- what an archive says of itself


def header(**values: Any) -> Callable[[Content], None]:
    def change(content: Content) -> None:
        content[HEADER] = json.dumps(json.loads(content[HEADER]) | values).encode()

    return change


@pytest.mark.parametrize("which", ["data", "keys"])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "something"}, "no archive of"),
        ({"format": 0}, "no archive of"),
        ({"format": 2}, "no archive of"),
        ({"migrations": ["cases.0001_initial"]}, "another version"),
        ({"migrations": ["cases.9999_later"]}, "another version"),
    ],
)
def test_another_kind_format_or_version_is_refused_in_either_archive(
    made: Backup, which: str, said: dict[str, Any], words: str, now: datetime
) -> None:
    written_anew(made.data if which == "data" else made.keys, header(**said))
    assert refused(made, now, words)


def test_keys_older_than_the_data_are_refused_and_erase_nobody(made: Backup, tmp_path: Path, now: datetime) -> None:
    with undone():
        opened(now, contact=OPTED_IN)
        opened(now + DAY)  # of whose key yesterday's archive knows nothing
        later = backup(tmp_path, now + DAY)
    with pytest.raises(Refused, match="older than the data"):
        restore(data=later.data, keys=made.keys, now=now + DAY)
    assert nothing_came_in()


def test_an_archive_of_keys_is_not_taken_for_one_of_data(made: Backup, now: datetime) -> None:
    with pytest.raises(Refused, match="no archive of data"):
        restore(data=made.keys, keys=made.data, now=now)
    assert nothing_came_in()


@pytest.mark.parametrize("where", ["missing", "last"])
def test_what_does_not_begin_by_saying_what_it_is_is_damaged(made: Backup, where: str, now: datetime) -> None:
    def change(content: Content) -> None:
        first = content.pop(HEADER)
        if where == "last":
            content[HEADER] = first

    written_anew(made.data, change)
    assert refused(made, now, "no header")


# --- the archive itself


def packed(path: Path, listed: list[tuple[tarfile.TarInfo | str, bytes]]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in listed:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def parts_of(path: Path) -> list[tuple[tarfile.TarInfo | str, bytes]]:
    return [(name, stream.read()) for name, stream in members(path)]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_an_archive_holds_plain_files_and_nothing_else(made: Backup, kind: bytes, now: datetime) -> None:
    """A link could make the next member be written somewhere else."""
    odd = tarfile.TarInfo("files/ab/" + "f" * 32)
    odd.type, odd.linkname = kind, HEADER
    listed = parts_of(made.data)
    packed(made.data, [*listed[:-1], (odd, b""), listed[-1]])
    assert refused(made, now, "is no file")


@pytest.mark.parametrize("harm", ["twice", "after the end", "left out", "put in", "no end", "no sums", "two ends"])
def test_members_are_those_that_were_written_and_each_once(made: Backup, harm: str, now: datetime) -> None:
    listed, more = parts_of(made.data), ("more.txt", b"x")
    harmed = {
        "twice": [listed[0], *listed],
        "after the end": [*listed, more],
        "left out": [*listed[:3], *listed[4:]],
        "put in": [*listed[:-1], ("files/ab/" + "f" * 32, b"x"), listed[-1]],
        "no end": listed[:-1],
        "two ends": [*listed, more, (SUMS, listed[-1][1] + sha256(more[1]).hexdigest().encode() + b"  more.txt\n")],
        "no sums": [*listed[:-1], (SUMS, b"no checksums\xff")],
    }
    packed(made.data, harmed[harm])
    assert refused(made, now, "twice|as they were written|no end|cannot be read")


# --- the database it goes into


def test_a_second_restore_is_refused_and_changes_nothing(made: Backup, now: datetime) -> None:
    restore(data=made.data, keys=made.keys, now=now)
    before = [list(tables.rows(model)) for model in [*tables.data_models(), ReportKey]]
    with pytest.raises(Refused, match="not empty"):
        restore(data=made.data, keys=made.keys, now=now)
    assert [list(tables.rows(model)) for model in [*tables.data_models(), ReportKey]] == before


def test_one_key_or_one_draft_is_enough_to_be_no_empty_database(made: Backup, now: datetime) -> None:
    draft_id = start_draft(now=now).draft.pk
    with pytest.raises(Refused, match=r"intake\.Draft"):
        restore(data=made.data, keys=made.keys, now=now)
    Draft.objects.all().delete()
    ReportKey.objects.create(report_id=draft_id, wrapped=b"x")
    with pytest.raises(Refused, match=r"intake\.ReportKey"):
        restore(data=made.data, keys=made.keys, now=now)
    assert not Report.objects.exists()


def test_an_erasure_that_cannot_be_finished_lets_nothing_in(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else somebody's index and number would lie there again, and no second restore could take them away."""
    with undone():
        case, before = opened(now, contact=OPTED_IN), opened(now)
        erase_report(report_id=before.report_id, because="reporter", now=now)  # that one needs nothing more
        old = backup(tmp_path, now)
        erase_report(report_id=case.report_id, because="reporter", now=now + DAY)
        today = backup(tmp_path, now + DAY)

    def fail(**_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(reading, "erase_report_step", fail)
        restore(data=old.data, keys=today.keys, now=now + DAY)
    assert nothing_came_in()
    assert restore(data=old.data, keys=today.keys, now=now + DAY).erasures_finished == 1
    assert not BlindIndex.objects.exists()


def test_the_command_says_a_refusal_in_its_own_words(made: Backup, now: datetime) -> None:
    restore(data=made.data, keys=made.keys, now=now)
    with pytest.raises(CommandError, match=r"not empty.*Nothing was changed"):
        call_command("restore", data=made.data, keys=made.keys)


@pytest.mark.parametrize("label", LEFT_OUT)
def test_what_would_let_somebody_in_by_yesterdays_right_is_in_no_archive(made: Backup, label: str) -> None:
    apps.get_model(label)  # there is such a table
    names = [name for archive in (made.data, made.keys) for name, _ in members(archive)]
    assert f"tables/{label}.jsonl" not in names and len(names) > 20


# --- on the disk


def test_a_store_that_chooses_names_of_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row would then name a file that is not there."""

    class Elsewhere(InMemoryStorage):
        def get_available_name(self, name: str, max_length: int | None = None) -> str:
            return f"{name}_1"

    monkeypatch.setattr(reading, "report_files", Elsewhere)
    with pytest.raises(Refused, match="does not keep names"):
        reading._store("ab/" + "f" * 32, io.BytesIO(b"x"))


def test_nobody_slips_a_link_under_a_new_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the moment between clearing the place and beginning to write."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(Path, "unlink", lambda path, missing_ok=False: path.symlink_to(elsewhere))
    with pytest.raises(FileExistsError), Writer(tmp_path / "korpu.tar.gz"):
        pass
    assert not elsewhere.exists()


def test_only_the_owner_may_look_where_archives_lie(now: datetime, tmp_path: Path) -> None:
    call_command("backup", data=tmp_path / "new" / "a", keys=tmp_path / "new" / "b", verbosity=0)
    for folder in (tmp_path / "new" / "a", tmp_path / "new" / "b"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (archive,) = folder.iterdir()
        assert stat.S_IMODE(archive.stat().st_mode) == 0o600
        with tarfile.open(archive) as packed_files:
            assert {member.mode for member in packed_files} == {0o600}


def test_a_half_written_archive_of_before_is_begun_anew(now: datetime, tmp_path: Path) -> None:
    """One that a power cut left behind, which anybody may read: neither its bytes nor its mode stay."""
    (tmp_path / "data").mkdir()
    half = tmp_path / "data" / "korpu-data-20261124T080000Z.tar.gz.part"
    half.write_bytes(b"half" * 10_000_000)
    half.chmod(0o644)
    made = backup(tmp_path, now)
    assert made.data.name == half.name.removesuffix(".part") and verify(made.data)
    assert stat.S_IMODE(made.data.stat().st_mode) == 0o600 and not half.exists()
