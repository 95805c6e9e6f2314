"""The process dies (-9) after a report is committed and before cases take it up. The person's browser got no answer."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cases.actions.take_up import take_up_waiting
from cases.models import Case
from intake.models import IntakeEvent, Report
from intake.web import cookies
from tests.intake.web.person import Person, text_of
from tests.journeys.system import ROOT

from .test_slow_uploads import environment

pytestmark = pytest.mark.django_db(transaction=True)
STORY = "Canary: üç aydır maaş vermirlər"
# Sends the draft of the cookie through the public page; dies where the receiver would have opened the case.
SEND_AND_DIE = """
import os, signal, sys
import django; django.setup()
from django.test import Client
from cases import receivers
from tests.intake.web.person import Person
receivers.take_up_new_report = lambda **_: os.kill(os.getpid(), signal.SIGKILL)
person = Person(Client(), "en")
person.client.cookies["korpu_draft"] = sys.stdin.read()
person.post("code/")
"""


@pytest.fixture
def ready(reference: None) -> Person:
    """Everything is answered; the code is on the screen."""
    person = Person(Client(), "en")
    person.begin()
    for step, given in (("country", {"country": "RU"}), ("category", {"category": "WRK"}), ("story", {"story": STORY})):
        person.answer(step, **given)
    return person


def send_and_die(person: Person, folder: Path) -> int:
    """In a process of its own, on this test's database; how that process ended."""
    env = {**environment(folder), "ALLOWED_HOSTS": "testserver", "DJANGO_SETTINGS_MODULE": "cases.conf.settings"}
    secret = person.client.cookies[cookies.DRAFT].value
    ended = subprocess.run([sys.executable, "-c", SEND_AND_DIE], cwd=ROOT, env=env, input=secret, text=True, timeout=60)
    if connection.vendor == "sqlite":  # the process had a copy of the file
        with contextlib.closing(sqlite3.connect(folder / "korpu.sqlite3")) as copy:
            copy.backup(connection.connection)
    return ended.returncode


def test_a_process_killed_between_report_and_case_loses_and_doubles_nothing(ready: Person, tmp_path: Path) -> None:
    code = ready.code()
    assert send_and_die(ready, tmp_path) == -signal.SIGKILL
    assert Report.objects.count() == 1 and IntakeEvent.objects.get().taken_up_at is None
    assert not Case.objects.exists()
    assert ready.post("code/")["Location"] == "/en/sent/"  # pressed again, on another process
    assert ready.code("sent/") == code
    assert not Case.objects.exists()  # nothing but the sweep is left to find it
    now = timezone.now()
    assert [take_up_waiting(now=now + timedelta(seconds=later)) for later in (0, 60)] == [1, 0]
    assert Case.objects.get().report_id == Report.objects.get().pk
    ready.post("sent/")
    assert ready.open_page(code)["Location"] == "/en/page/" and "Your page" in text_of(ready.get("page/"))
