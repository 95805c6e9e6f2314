"""`manage.py serve`: keeps web, worker and clock (and the demo's inbox) alive together, and ends them together.

A keeper of our own: supervisord leaves its children running when it is killed, cannot tell when a page is really there,
and takes a configuration file to say less than this.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

HOST = "127.0.0.1"
GRACE = 10.0  # seconds between asking a child to end and ending it
LOOK = 0.2  # seconds between two looks at the children
LONGEST_PAUSE = 30.0  # seconds before a child that keeps dying is started again
STEADY = 30.0  # seconds after which a child counts as well
HEAD_START = 2.0  # seconds for the web: on few processors the first page comes sooner when it starts alone
LARGEST_LOG = 5 * 1024 * 1024  # bytes; then the next start begins a new one

# Linux ends the child when we die, however we die (prctl(2), PR_SET_PDEATHSIG); the rest is the command itself.
_BOUND_TO_US = (
    "import ctypes, os, signal, sys;"
    "ctypes.CDLL(None).prctl(1, signal.SIGTERM);"
    "os.getppid() == int(sys.argv[1]) or sys.exit(1);"
    "os.execv(sys.argv[2], sys.argv[2:])"
)


class Child:
    """One process, in a group of its own, its output in a log of its own."""

    def __init__(
        self, name: str, command: Sequence[str], is_up: Callable[["Child"], bool], *, begin_after: float = 0
    ) -> None:
        self.name, self._command, self._is_up = name, command, is_up
        self.log = settings.VAR_DIR / "log" / f"{name}.log"
        self.ready_file = settings.VAR_DIR / "run" / f"{name}.ready"
        self.process: subprocess.Popen[bytes] | None = None
        self.is_announced = False
        self.begin_at = time.monotonic() + begin_after
        self._begun_at = 0.0
        self._failures = 0

    def start(self) -> None:
        self.ready_file.parent.mkdir(parents=True, exist_ok=True)
        self.ready_file.unlink(missing_ok=True)
        self._begun_at, self.is_announced = time.monotonic(), False
        with _open_log(self.log) as log:
            self.process = subprocess.Popen(
                [*_binding(), sys.executable, *self._command],
                cwd=settings.BASE_DIR,
                env={**os.environ, "KORPU_READY_FILE": str(self.ready_file), "CELERY_SKIP_CHECKS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_up(self) -> bool:
        return self.process is not None and self._is_up(self)

    def seconds(self) -> float:
        return time.monotonic() - self._begun_at

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> float:
        """Ends what is left of its group and plans the next start; returns in how many seconds."""
        self.signal(signal.SIGKILL)
        self.process = None
        self._failures = 0 if self.seconds() > STEADY else self._failures + 1
        pause = min(0.25 * 2**self._failures, LONGEST_PAUSE)
        self.begin_at = time.monotonic() + pause
        return pause

    def signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class Command(BaseCommand):
    help = "Starts the site, its worker and its clock, and keeps them alive until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        with _alone(settings.VAR_DIR / "serve.pid"):
            _check_port(settings.PORT)
            asked_to_end = _signals()
            children = _children()
            try:
                while not asked_to_end.wait(LOOK):
                    for child in children:
                        self._look_after(child)
            finally:
                self._say("ending …")
                _end(children, hurry=lambda: asked_to_end.count > 1)
                self._say("ended")

    def _look_after(self, child: Child) -> None:
        if child.has_died():
            code = child.process.returncode if child.process else 0
            self._say(f"{child.name} ended ({code}); again in {child.bury():.1f} s, see {child.log}")
        elif child.process is None:
            if time.monotonic() >= child.begin_at:
                child.start()
        elif not child.is_announced and child.is_up():
            child.is_announced = True
            self._say(f"{child.name} is up after {child.seconds():.1f} s")

    def _say(self, sentence: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the children must still be ended
            self.stdout.write(f"Körpü: {sentence}")
            self.stdout.flush()


class _AskedToEnd:
    """Set by a signal; counts them, for the second means now."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.count = 0

    def ask(self, *_: Any) -> None:
        self.count += 1
        self._event.set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)


def _signals() -> _AskedToEnd:
    asked = _AskedToEnd()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, asked.ask)
    return asked


def _children() -> list[Child]:
    # Without Redis the throttles count in the memory of one process: then there must be one.
    processes, threads = (2, 4) if settings.REDIS_URL else (1, 8)
    web = ["-m", "gunicorn", "cases.conf.wsgi", "--bind", f"{HOST}:{settings.PORT}", "--worker-class", "gthread"]
    web += ["--workers", str(processes), "--threads", str(threads), "--graceful-timeout", "5", "--log-level", "warning"]
    celery = ["-m", "celery", "-A", "workers.celery"]
    # What waits for a worker at its start are wake-ups of the past: the outbox says what is to be done.
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING", "--purge"]
    worker += ["--without-gossip", "--without-mingle", "--hostname", f"korpu-{settings.PORT}@%h"]
    children = [
        Child("web", [*web, "--no-control-socket"], lambda child: _answers()),
        Child("worker", worker, _is_ready, begin_after=HEAD_START),
        Child("clock", [*celery, "beat", "--pidfile=", "--loglevel", "WARNING"], _is_ready, begin_after=HEAD_START),
    ]
    if settings.DEMO:
        inbox = [str(settings.BASE_DIR / "manage.py"), "demo_inbox"]
        children.append(Child("inbox", inbox, lambda child: _listens(settings.PORT + 1)))
    return children


def _end(children: Sequence[Child], *, hurry: Callable[[], bool]) -> None:
    """All are asked at once; who is still there after the grace is ended, with its whole group."""
    until = time.monotonic() + GRACE
    for child in children:
        child.signal(signal.SIGTERM)
    while time.monotonic() < until and not hurry() and not all(_is_over(child) for child in children):
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def _is_over(child: Child) -> bool:
    return child.process is None or child.process.poll() is not None


def _is_ready(child: Child) -> bool:
    return child.ready_file.exists()


def _answers() -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{settings.PORT}/healthz/", timeout=1):
        return True
    return False


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _check_port(port: int) -> None:
    if _listens(port):
        raise CommandError(f"Port {port} is taken by another program. Set PORT to a free one.")


@contextlib.contextmanager
def _alone(path: Path) -> Any:
    """Two keepers on one folder would take each other's database and clock. The lock ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CommandError(f"It is already running here (process {file.read().strip()}).") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _binding() -> list[str]:
    return [sys.executable, "-c", _BOUND_TO_US, str(os.getpid())] if sys.platform == "linux" else []
