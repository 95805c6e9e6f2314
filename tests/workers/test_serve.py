"""The keeper of `make run`: what dies is started again, and all end together."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from seeds.management.commands import serve
from seeds.management.commands.serve import Child, Command
from tests.journeys.system import ROOT, free_port, wait_for


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def children() -> Iterator[list[Child]]:
    made: list[Child] = []
    yield made
    for child in made:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def is_there(pid: int) -> bool:
    """Running, not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sleeper(place: Path, children: list[Child], *, stubborn: bool = False) -> tuple[Child, int]:
    """A child with a child of its own; `stubborn`: both ignore the request to end. Returns the grandchild's id."""
    note = place / "grandchild"
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if stubborn else ""
    inner = f"import signal, time; {ignore} time.sleep(60)"
    code = (
        f"import pathlib, signal, subprocess, sys, time; {ignore}"
        f"p = subprocess.Popen([sys.executable, '-c', {inner!r}]);"
        f"pathlib.Path({str(note)!r}).write_text(str(p.pid)); time.sleep(60)"
    )
    child = Child("sleeper", ["-c", code], lambda child: True)
    children.append(child)
    child.start()
    return child, int(wait_for(lambda: note.exists() and note.read_text()))


def test_what_dies_is_started_again_each_time_a_little_later(place: Path, children: list[Child], capsys: Any) -> None:
    child = Child("short", ["-c", "raise SystemExit(3)"], lambda child: False)
    children.append(child)
    keeper, pauses = Command(), []
    for _ in range(3):
        child.begin_at = 0
        keeper._look_after(child)
        assert child.process is not None
        child.process.wait()
        before = time.monotonic()
        keeper._look_after(child)
        pauses.append(child.begin_at - before)
        keeper._look_after(child)
        assert child.process is None, "not before its pause is over"
    assert pauses == sorted(pauses)
    assert pauses[2] > 2 * pauses[0]
    assert "short ended (3)" in capsys.readouterr().out


def test_all_end_together_with_what_they_started(place: Path, children: list[Child]) -> None:
    child, grandchild = sleeper(place, children)
    serve._end([child], hurry=lambda: False)
    assert child.process is not None
    assert child.process.returncode is not None
    wait_for(lambda: not is_there(grandchild))


def test_who_does_not_end_is_ended(place: Path, children: list[Child], monkeypatch: Any) -> None:
    monkeypatch.setattr(serve, "GRACE", 0.2)
    child, grandchild = sleeper(place, children, stubborn=True)
    serve._end([child], hurry=lambda: False)
    wait_for(lambda: not is_there(grandchild))
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_what_a_dead_child_leaves_behind_is_ended_before_it_starts_again(place: Path, children: list[Child]) -> None:
    child, grandchild = sleeper(place, children)
    assert child.process is not None
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    assert child.has_died()
    child.bury()
    wait_for(lambda: not is_there(grandchild))


def test_two_keepers_do_not_share_a_folder(place: Path) -> None:
    with serve._alone(place / "serve.pid"):
        assert (place / "serve.pid").read_text() == str(os.getpid())
        with pytest.raises(CommandError, match=str(os.getpid())), serve._alone(place / "serve.pid"):
            pass
    assert not (place / "serve.pid").exists()


def test_a_big_log_is_begun_anew(place: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(serve, "LARGEST_LOG", 10)
    log = place / "log" / "x.log"
    for text in (b"first, and long", b"second"):
        with serve._open_log(log) as file:
            file.write(text)
    assert (log.read_bytes(), log.with_suffix(".log.1").read_bytes()) == (b"second", b"first, and long")


def environment(var: Path) -> dict[str, str]:
    port = free_port_with_two_more()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
        "KORPU_DEMO": "1",
        "KORPU_VAR": str(var),
        "KORPU_LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "KORPU_SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PYTHONUNBUFFERED": "1",
    }


def free_port_with_two_more() -> int:
    """The demo takes three in a row."""
    while True:
        port = free_port()
        if port < 64000 and not any(serve._listens(port + more) for more in (1, 2)):
            return port


def processes_of(keeper: int) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if entry.read_text().rpartition(")")[2].split()[1] == str(keeper):
                found.add(int(entry.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.journey
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_whole_system_comes_up_survives_a_kill_and_ends_without_a_trace(tmp_path: Path, migrated: Path) -> None:
    place = environment(tmp_path)
    shutil.copy(migrated, place["KORPU_VAR"])
    keeper = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True
    )
    said: list[str] = []
    assert keeper.stdout is not None
    reader = threading.Thread(target=lambda: said.extend(iter(keeper.stdout.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()

    def is_said(sentence: str, times: int = 1) -> bool:
        return sum(sentence in line for line in said) >= times

    try:
        for name in ("web", "worker", "clock", "inbox"):
            wait_for(lambda name=name: is_said(f"{name} is up"), seconds=60, why=f"{name}: {said}")
        with urllib.request.urlopen(f"http://127.0.0.1:{place['PORT']}/healthz/", timeout=5) as answer:
            assert answer.status == 200
        children = processes_of(keeper.pid)
        assert len(children) == 4
        worker = next(pid for pid in children if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: is_said("worker is up", 2), seconds=60, why=str(said))
        children = processes_of(keeper.pid)
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(timeout=30) == 0
        assert not any(is_there(pid) for pid in children)
    finally:
        keeper.kill()
        keeper.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_children_end_even_when_the_keeper_is_killed(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "import time\n"
        "from seeds.management.commands.serve import Child\n"
        "child = Child('x', ['-c', 'import time; time.sleep(60)'], lambda child: True)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    keeper = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert keeper.stdout is not None
    child = int(keeper.stdout.readline())
    wait_for(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes())
    wait_for(lambda: b"prctl" not in Path(f"/proc/{child}/cmdline").read_bytes(), why="bound to its keeper")
    keeper.kill()
    keeper.wait()
    wait_for(lambda: not is_there(child), seconds=5)
