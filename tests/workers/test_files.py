"""Files and the worker: cleaned within one run of the task, and seen by the doctor when they wait."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from intake.actions.submit_report import ReportEntry, submit_report
from intake.models import Attachment
from tests.intake.filing import draft_owner, report_owner, stored
from tests.intake.uploads import samples
from workers.examination import nothing_waits
from workers.tasks.files import examine_files, sweep_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
MINUTES = timedelta(minutes=1)


def entry() -> ReportEntry:
    return ReportEntry(channel="web", language="az", country="RU", category="WRK")


def test_one_run_makes_a_file_ready_and_a_second_changes_nothing() -> None:
    row = stored(report_owner(entry, timezone.now()), samples.photo(), timezone.now())
    for _ in range(2):
        examine_files()
        sweep_files()
        assert Attachment.objects.get(pk=row.pk).state == "ready"


def test_the_doctor_counts_files_that_wait_for_long(now: datetime) -> None:
    early = now - 11 * MINUTES
    owner = report_owner(entry, early)
    stored(owner, samples.photo(), early)
    stored(owner, samples.photo(), now - 9 * MINUTES)
    stored(draft_owner(early), samples.photo(), early)
    submit_report(entry=entry(), now=now)
    words = [finding.what for finding in nothing_waits(now) if "files" in finding.what]
    assert words == ["1 files of reporters have been waiting for over ten minutes to be checked."]
