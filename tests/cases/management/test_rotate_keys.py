"""The master key is changed while reports come and are read; killed at any line, nothing is lost."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.conf import keys
from cases.management.commands import rotate_keys as command
from intake import encryption
from intake.actions import rewrap_keys as module
from intake.actions.erase_report import erase_report
from intake.actions.rewrap_keys import keys_by_master, rewrap_keys
from intake.actions.submit_report import ReportEntry, submit_report
from intake.encryption import CannotDecrypt
from intake.models import Report, ReportKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LATER = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, settings: Any) -> Iterator[Path]:
    path = tmp_path / "keys.json"
    keys.make_keys(path)
    path.chmod(0o640)
    settings.KEYS_FILE, settings.KORPU_KEYS = path, keys.LiveKeys(path)
    encryption.system_key.cache_clear()
    yield path
    encryption.system_key.cache_clear()


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    from intake.signals import intake_event

    monkeypatch.setattr(intake_event, "receivers", [])


@pytest.fixture
def send(now: datetime) -> Callable[[], Any]:
    def one() -> Any:
        entry = ReportEntry(channel="web", language="az", country="RU", category="WRK", story="Canary-story")
        return submit_report(entry=entry, now=now).report_id

    return one


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def stories() -> set[str]:
    return {row.unseal(ReportKey.of(row.pk), "story") for row in Report.objects.filter(erased_at__isnull=True)}


def age(path: Path, by: timedelta = LATER) -> None:
    content = json.loads(path.read_text())
    for name, at in content["added"].items():
        content["added"][name] = (datetime.fromisoformat(at) - by).isoformat()
    path.write_text(json.dumps(content))


def test_everything_is_read_as_before_and_the_old_master_goes(send: Callable[[], Any], key_file: Path) -> None:
    for _ in range(5):
        send()
    assert keys_by_master() == {"m1": 5}
    assert "5 report keys" in run("--batch", "2")
    assert keys_by_master() == {"m2": 5} and stories() == {"Canary-story"}
    assert list(keys.read_keys(key_file).masters) == ["m2", "m1"]
    age(key_file)
    run("--finish")
    assert list(keys.read_keys(key_file).masters) == ["m2"] and stories() == {"Canary-story"}
    send()
    assert keys_by_master() == {"m2": 6}


def test_the_other_keys_and_the_mode_of_the_file_stay(send: Callable[[], Any], key_file: Path) -> None:
    before = json.loads(key_file.read_text())
    run()
    after = json.loads(key_file.read_text())
    for name in ("django_secret", "system", "receipt_code", "lookup"):
        assert before[name] == after[name]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o640
    assert [path.name for path in key_file.parent.iterdir()] == ["keys.json", "keys.json.lock"] or len(
        list(key_file.parent.iterdir())
    ) == 2


def test_a_process_that_runs_notices_by_itself(send: Callable[[], Any], key_file: Path) -> None:
    send()
    keys.add_master(key_file, now=datetime.now(UTC))  # as another process does
    send()
    assert keys_by_master() == {"m1": 1, "m2": 1} and stories() == {"Canary-story"}


def test_a_master_that_another_process_added_in_the_same_instant_is_looked_for(
    send: Callable[[], Any], key_file: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id = send()
    monkeypatch.setattr(keys, "_stamp", lambda path: None)  # as if the clock of the disk were too coarse to tell
    encryption._keyring()
    keys.add_master(key_file, now=datetime.now(UTC))
    assert encryption.newest_master() == "m1"
    other = keys.LiveKeys(key_file)
    mine, settings.KORPU_KEYS = settings.KORPU_KEYS, other
    rewrap_keys()
    settings.KORPU_KEYS = mine
    assert ReportKey.objects.get(pk=report_id).master == "m2"
    assert ReportKey.of(report_id)


def test_a_damaged_file_leaves_the_keys_in_use(send: Callable[[], Any], key_file: Path, caplog: Any) -> None:
    send()
    good = key_file.read_text()
    key_file.write_text(good[: len(good) // 2])
    assert stories() == {"Canary-story"} and "cannot be read" in caplog.text
    key_file.unlink()
    assert stories() == {"Canary-story"}


def test_finishing_is_refused_while_a_key_needs_the_old_master(send: Callable[[], Any], key_file: Path) -> None:
    send()
    keys.add_master(key_file, now=datetime.now(UTC) - LATER)
    with pytest.raises(CommandError, match="1 under m1"):
        run("--finish")
    assert list(keys.read_keys(key_file).masters) == ["m2", "m1"]


def test_finishing_is_refused_too_early(send: Callable[[], Any], key_file: Path) -> None:
    run()
    with pytest.raises(CommandError, match="too new"):
        run("--finish")
    assert len(keys.read_keys(key_file).masters) == 2


def test_a_key_that_comes_while_finishing_puts_the_old_master_back(
    send: Callable[[], Any], key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send()
    run()
    age(key_file)
    answers = iter([{"m2": 1}, {"m1": 1, "m2": 1}])
    monkeypatch.setattr(command, "keys_by_master", lambda: next(answers))
    with pytest.raises(CommandError):
        run("--finish")
    assert list(keys.read_keys(key_file).masters) == ["m2", "m1"]


def test_with_one_master_there_is_nothing_to_finish(key_file: Path) -> None:
    assert "nothing to remove" in run("--finish")


def test_two_rotations_at_once_add_one_master(send: Callable[[], Any], key_file: Path) -> None:
    with command._alone(key_file), pytest.raises(CommandError, match="Another rotation"):
        run()
    assert list(keys.read_keys(key_file).masters) == ["m1"]


def test_a_key_that_was_erased_meanwhile_never_comes_back(
    send: Callable[[], Any], key_file: Path, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    gone, _ = send(), send()
    really = module.rewrap_key

    def erase_first(wrapped: bytes, *, master: str, owner: Any) -> Any:
        if owner == gone:  # once, in the instant: deleting it again at the next key would hide that it came back
            ReportKey.objects.filter(pk=gone).delete()
        return really(wrapped, master=master, owner=owner)

    monkeypatch.setattr(module, "rewrap_key", erase_first)
    run()
    assert keys_by_master() == {"m2": 1} and not ReportKey.objects.filter(pk=gone).exists()


def test_a_missing_master_stops_it_and_changes_nothing(send: Callable[[], Any], key_file: Path) -> None:
    send()
    ReportKey.objects.update(master="m9")
    with pytest.raises(CannotDecrypt):
        run()
    assert keys_by_master() == {"m9": 1}


@pytest.mark.parametrize("place", ["read_keys", "fsync", "replace"])
def test_killed_while_the_file_is_written_the_keys_are_the_old_or_the_new_ones(
    send: Callable[[], Any], key_file: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves the temporary file behind; a raised KeyboardInterrupt stands for it here."""

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    send()
    with monkeypatch.context() as patch:
        if place == "fsync":
            patch.setattr(os, "fsync", die)
        elif place == "replace":
            patch.setattr(Path, "replace", die)
        else:
            patch.setattr(keys, "read_keys", die)
        with pytest.raises(KeyboardInterrupt):
            keys.add_master(key_file, now=datetime.now(UTC))
    assert list(keys.read_keys(key_file).masters) == ["m1"] and stories() == {"Canary-story"}
    run()
    assert keys_by_master() == {"m2": 1}


def read_one() -> None:
    row = Report.objects.filter(erased_at__isnull=True).order_by("?").first()
    key = ReportKey.objects.filter(pk=row.pk).first() if row else None
    assert row is None or key is None or row.unseal(key.open(), "story") == "Canary-story"


def erase_one(now: datetime) -> None:
    row = Report.objects.filter(erased_at__isnull=True).order_by("received_at", "pk").first()
    if row:
        erase_report(report_id=row.pk, because="reporter", now=now)


def serve(act: Callable[[], Any], stop: Event) -> int:
    """Does it until it is told to stop; every fault rises in the end."""
    acts = 0
    try:
        while not stop.is_set() or acts == 0:
            act()
            acts += 1
    finally:
        connection.close()
    return acts


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_it_rotates_while_threads_submit_read_and_erase_and_is_killed_midway(
    send: Callable[[], Any], key_file: Path, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    for _ in range(60):
        send()
    stop, batches = Event(), iter(range(10**6))
    really = command.rewrap_keys

    def killed_at_the_third(*, limit: int) -> int:
        if next(batches) == 2:
            raise KeyboardInterrupt
        return really(limit=limit)

    monkeypatch.setattr(command, "rewrap_keys", killed_at_the_third)
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(serve, act, stop) for act in (send, send, read_one, lambda: erase_one(now))]
        try:
            with pytest.raises(KeyboardInterrupt):
                run("--batch", "5")
            assert len(keys_by_master()) == 2
            run("--batch", "5")
            age(key_file)
            run("--batch", "5")
            run("--finish")
        finally:
            stop.set()
        assert all(future.result(60) for future in running)
    assert set(keys_by_master()) == {"m2"} and stories() == {"Canary-story"}
    assert ReportKey.objects.count() == Report.objects.filter(erased_at__isnull=True).count()
