"""R15: eight slow uploads hold no thread of ours behind the buffering proxy, and a report goes through as if idle.

nginx runs with the very file that operators use (deploy/nginx/korpu.conf), gunicorn with its two times four threads.
"""

import contextlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from intake.models import Attachment
from tests.conftest import REQUIRED
from tests.intake.uploads import samples
from tests.journeys.system import ROOT, free_port, wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FULL = os.environ.get("KORPU_FAULTS") == "full"
UPLOADS, REPORTS = 8, (15 if FULL else 4)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("slow_uploads"),
    pytest.mark.skipif(not NGINX and not REQUIRED, reason="NOT RUN: nginx is not installed"),
]
OUTER = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 256; }}
http {{
  include {root}/deploy/nginx/korpu-http.conf;
  upstream korpu_web {{ server 127.0.0.1:{web}; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    access_log {folder}/access.log korpu;
    include {root}/deploy/nginx/korpu.conf;
  }}
}}
"""


@dataclass
class Site:
    web: int
    proxy: int
    folder: Path


@pytest.fixture
def site(tmp_path: Path, reference: None) -> Iterator[Site]:
    made = Site(free_port(), free_port(), tmp_path)
    conf = tmp_path / "nginx.conf"
    conf.write_text(OUTER.format(folder=tmp_path, root=ROOT, web=made.web, port=made.proxy))
    gunicorn = [sys.executable, "-m", "gunicorn", "cases.conf.wsgi", "--bind", f"127.0.0.1:{made.web}"]
    gunicorn += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload", "--log-level", "error"]
    with process(gunicorn, environment(tmp_path)), process([str(NGINX), "-c", str(conf), "-p", str(tmp_path)], None):
        wait_until_open(made.web)
        wait_until_open(made.proxy)
        yield made


def environment(folder: Path) -> dict[str, str]:
    """The test's own database for the processes: a copy of the file, or the same PostgreSQL."""
    env = {**os.environ, "KORPU_TESTING": "1", "KORPU_VAR": str(folder), "KORPU_KEYS_FILE": str(settings.KEYS_FILE)}
    env["ALLOWED_HOSTS"] = "127.0.0.1"
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(folder / "korpu.sqlite3")) as copy:
            connection.connection.backup(copy)
    else:
        env["DATABASE_URL"] = f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"
    return env


@contextlib.contextmanager
def process(command: list[str], env: dict[str, str] | None) -> Iterator[None]:
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until_open(port: int) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("did not start")


class Browser:
    """Cookies and forms, no more."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.base, self.timeout = f"http://127.0.0.1:{port}", timeout
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, place: str, **fields: str) -> Any:
        data = urllib.parse.urlencode(fields).encode() if fields else None
        return self.opener.open(self.base + place, data, timeout=self.timeout)

    def post(self, place: str, **fields: str) -> Any:
        return self.open(place, token=self.token(place), **fields)

    def token(self, place: str) -> str:
        found = re.search(r'name="token" value="(\w+)"', self.open(place).read().decode())
        assert found
        return found[1]

    def begin(self) -> str:
        """Starts a draft; returns the token of its page of files."""
        self.open("/en/", x="1")
        return self.token("/en/p/files/")

    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


def report(port: int) -> float:
    """Seconds for a report, from the first page to the code that is shown after sending."""
    from intake.web import steps

    browser, began = Browser(port), time.monotonic()
    browser.begin()
    browser.post(f"/en/p/{steps.number_of('country')}/", country="RU")
    browser.post(f"/en/p/{steps.number_of('category')}/", category="WRK")
    shown = browser.post("/en/code/")
    assert shown.url.endswith("/en/sent/")
    return time.monotonic() - began


def median(port: int) -> float:
    return sorted(report(port) for _ in range(REPORTS))[REPORTS // 2]


@contextlib.contextmanager
def slow_uploads(port: int) -> Iterator[list[socket.socket]]:
    """Each has sent its head and a first part, and will not finish while this lasts."""
    lines, browsers = [], [Browser(port) for _ in range(UPLOADS)]
    tokens = [browser.begin() for browser in browsers]
    for browser, token in zip(browsers, tokens, strict=True):
        part = f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'
        part += '--x\r\nContent-Disposition: form-data; name="document_file"; filename="a.jpg"\r\n\r\n'
        head = f"POST /en/p/files/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {browser.cookies()}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000000\r\n\r\n"
        line = socket.create_connection(("127.0.0.1", port), timeout=20)
        line.sendall((head + part).encode() + samples.photo() + bytes(150_000))
        lines.append(line)
    time.sleep(0.3)
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


def test_a_report_goes_through_while_eight_uploads_crawl(site: Site) -> None:
    report(site.proxy)  # warm
    idle = median(site.proxy)
    with slow_uploads(site.proxy) as lines:
        busy = median(site.proxy)
        for line in lines:
            line.sendall(bytes(10_000))  # still there
    print(f"idle {idle * 1000:.0f} ms, beside {UPLOADS} slow uploads {busy * 1000:.0f} ms")
    assert busy <= 2 * idle


@pytest.mark.skipif(not FULL, reason="NOT RUN: what the proxy is for, with KORPU_FAULTS=full")
def test_without_the_proxy_the_same_uploads_would_hold_every_thread(site: Site) -> None:
    with slow_uploads(site.web), pytest.raises((TimeoutError, urllib.error.URLError)):
        Browser(site.web, timeout=5).open("/en/")


def test_the_proxy_writes_down_nobody_and_nothing_that_was_asked(site: Site) -> None:
    Browser(site.proxy).open("/en/page/?closed=Canary")
    wait_for((site.folder / "access.log").read_text, why="the proxy writes its log after it has answered")
    log = (site.folder / "access.log").read_text()
    assert "/en/page/" in log and "Canary" not in log and "127.0.0.1" not in log


def test_a_form_beyond_every_limit_leads_back_to_its_page(site: Site) -> None:
    browser = Browser(site.proxy)
    browser.begin()
    head = f"POST /en/p/files/ HTTP/1.1\r\nHost: 127.0.0.1:{site.proxy}\r\nCookie: {browser.cookies()}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.proxy), timeout=10) as line:
        line.sendall(head.encode())
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 303") and "Location: /en/p/files/?large" in answer
    assert "Together the files are too large" in browser.open("/en/p/files/?large").read().decode()
    assert not Attachment.objects.exists()
