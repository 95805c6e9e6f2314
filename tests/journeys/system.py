"""The whole system as separate processes on private ports: web, worker, clock; a real SMTP server and HTTP receiver."""

import contextlib
import email
import email.policy
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Post:
    """A real SMTP server that keeps what it was given."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((list(envelope.rcpt_tos), message))  # type: ignore[arg-type]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for recipients, message in self.messages if address in recipients]


@dataclass
class Hook:
    """A real HTTP receiver: every request's headers and body, as a partner's server would get them."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    @contextlib.contextmanager
    def listening(self) -> Iterator["Hook"]:
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


@dataclass
class System:
    base: str
    post: Post
    hook: Hook
    environment: dict[str, str]
    inside: subprocess.Popen[str]

    def manage(self, *arguments: str) -> str:
        return run(self.environment, "manage.py", *arguments)

    def python(self, code: str) -> Any:
        """Runs code in a process of the system (Django set up), the same one each time; it prints one line of JSON."""
        assert self.inside.stdin and self.inside.stdout
        self.inside.stdin.write(json.dumps(code) + "\n")
        self.inside.stdin.flush()
        return json.loads(self.inside.stdout.readline())


def inside_of(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.inside"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[:2]} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def wait_for(what: Callable[[], Any], *, seconds: float = 20, why: str = "") -> Any:
    """The first true answer of `what`; raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {why}")


@contextlib.contextmanager
def whole_system(var: Path, *, database_url: str = "", redis_url: str = "", reports: bool = False) -> Iterator[System]:
    """Demo partners, demo reports only if asked; web, worker and clock each a process, ended with the test."""
    port, post, hook = free_port(), Post(), Hook()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST"))}
    environment.update(
        DJANGO_SETTINGS_MODULE="cases.conf.settings",
        KORPU_DEMO="1",
        KORPU_VAR=str(var),
        PORT=str(port),
        KORPU_SITE_URL=f"http://127.0.0.1:{port}",
        EMAIL_URL=f"smtp://127.0.0.1:{post.controller.port}",
        KORPU_WEBHOOK_ALLOWED_HOSTS=f"127.0.0.1:{hook.port}",
        KORPU_LOG_LEVEL="WARNING",
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
    )
    run(environment, "-m", "tests.journeys.prepare", *(["--reports"] if reports else []))
    commands = {
        "web": f"gunicorn cases.conf.wsgi --bind 127.0.0.1:{port} --worker-class gthread --workers 2 --threads 4",
        "worker": "celery -A workers.celery worker --pool threads --concurrency 4 --loglevel WARNING",
        "clock": f"celery -A workers.celery beat --schedule {var / 'clock'} --pidfile= --loglevel WARNING",
    }
    post.controller.start()
    children: list[subprocess.Popen[bytes]] = []
    try:
        with hook.listening():
            for name, command in commands.items():
                with (var / f"{name}.log").open("wb") as log:
                    children.append(
                        subprocess.Popen(
                            [sys.executable, "-m", *command.split()],
                            cwd=ROOT,
                            env=environment,
                            stdout=log,
                            stderr=subprocess.STDOUT,
                            start_new_session=True,
                        )
                    )
            base = f"http://127.0.0.1:{port}"
            wait_for(lambda: _is_up(base), seconds=40, why=f"the site does not answer, see {var}/web.log")
            with inside_of(environment) as inside:  # its input is closed at the end: then it ends
                yield System(base=base, post=post, hook=hook, environment=environment, inside=inside)
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
        for child in children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        post.controller.stop()


def _is_up(base: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/healthz/", timeout=2):
        return True
    return False
