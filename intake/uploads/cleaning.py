"""Runs the child that cleans, feeds it and reads from it, both in a stream, and ends it when its time is over."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .refused import Refused
from .types import Found

SECONDS = 60  # of wall time
_CHUNK = 64 * 1024
_LONGEST_HEAD = 512
_ROOT = Path(__file__).resolve().parents[2]


class Crashed(Exception):
    """The child ended without an answer: killed, out of time, or brought down by the file. May be tried again."""


@dataclass(frozen=True, slots=True)
class Clean:
    """`chunks` must be read to their end; only then is it certain that the child came to its own."""

    kind: str
    media_type: str
    chunks: Iterator[bytes]


@contextlib.contextmanager
def clean_in_child(plain: Iterable[bytes], found: Found, *, seconds: float = SECONDS) -> Iterator[Clean]:
    """Raises Refused, Crashed. Neither side of the file is ever whole in this process."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "intake.uploads.child", found.kind, found.form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may quote the file
        cwd=_ROOT,
        env={"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"},
        close_fds=True,
    )
    assert child.stdin is not None and child.stdout is not None  # noqa: S101 - both are pipes
    feeder = _Feeder(plain, child.stdin)
    watch = threading.Timer(seconds, child.kill)
    watch.start()
    feeder.start()
    try:
        yield _answer(child, child.stdout, feeder)
    finally:
        watch.cancel()
        child.kill()
        child.stdout.close()
        feeder.join()
        child.wait()


class _Feeder(threading.Thread):
    """Writes the file to the child while the other side reads its answer."""

    def __init__(self, plain: Iterable[bytes], pipe: IO[bytes]) -> None:
        super().__init__(name="korpu-feeder", daemon=True)
        self._plain = plain
        self._pipe = pipe
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            for chunk in self._plain:
                self._pipe.write(chunk)
        except BrokenPipeError:
            pass  # the child had seen enough; its answer says why
        except Exception as error:  # noqa: BLE001 - of whoever reads the stored bytes; raised again in the other thread
            self.fault = error
        with contextlib.suppress(OSError):
            self._pipe.close()


def _answer(child: "subprocess.Popen[bytes]", pipe: IO[bytes], feeder: _Feeder) -> Clean:
    line = pipe.readline(_LONGEST_HEAD)
    if feeder.fault is not None:
        raise feeder.fault
    try:
        head = json.loads(line)
    except ValueError:
        raise Crashed(_how(child)) from None
    if "refused" in head:
        raise Refused(head["refused"])
    return Clean(head["kind"], head["media_type"], _rest(child, pipe, feeder))


def _rest(child: "subprocess.Popen[bytes]", pipe: IO[bytes], feeder: _Feeder) -> Iterator[bytes]:
    while chunk := pipe.read(_CHUNK):
        yield chunk
    feeder.join()
    if feeder.fault is not None:
        raise feeder.fault
    if child.wait() != 0:
        raise Crashed(_how(child))


def _how(child: "subprocess.Popen[bytes]") -> str:
    """The exit code or signal, for the log."""
    try:
        return f"exit {child.wait(timeout=5)} of {os.getpid()}"
    except subprocess.TimeoutExpired:
        return "no exit"
