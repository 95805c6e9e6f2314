"""Staff look at files: recorded first, by their own side only, and only what was cleaned."""

from datetime import datetime
from uuid import uuid4

import pytest

from cases.actions.open_files import open_case_file, open_case_files
from cases.errors import NotAllowed, NotFound
from intake.actions.erase_report import erase_report
from intake.actions.file_owner import FileOwner
from intake.errors import ReportErased
from intake.models import AccessRecord
from intake.queries.files import read_clean
from tests.cases.arrange import acting, opened, staff
from tests.intake.filing import NAME, ready, stored
from tests.intake.uploads import samples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def records() -> list[tuple[str, list[str]]]:
    return list(AccessRecord.objects.filter(purpose="file_read").values_list("voice", "groups"))


def test_the_list_is_recorded_with_the_groups_that_it_shows(now: datetime) -> None:
    case, by = opened(now, handler="AZ"), acting(staff())
    assert open_case_files(case_id=case.pk, by=by, now=now) == [] and records() == []
    ready(case.report_id, now)
    rows = open_case_files(case_id=case.pk, by=by, now=now)
    assert [(row.name, row.kind, row.is_ready) for row in rows] == [(NAME, "photo", True)]
    assert records() == [("caseworker", ["documents"])]


def test_a_file_is_opened_cleaned_and_recorded(now: datetime) -> None:
    case = opened(now, handler="AZ")
    file = ready(case.report_id, now, content=samples.amr(), use="story")
    made = open_case_file(case_id=case.pk, file_id=file.pk, by=acting(staff()), now=now)
    assert b"".join(read_clean(made.file, made.key)).startswith(b"#!AMR\n")
    assert records() == [("caseworker", ["story"])]


def test_what_was_not_cleaned_yet_is_not_there(now: datetime) -> None:
    case = opened(now, handler="AZ")
    file = stored(FileOwner(report_id=case.report_id), samples.photo(), now)
    with pytest.raises(NotFound):
        open_case_file(case_id=case.pk, file_id=file.pk, by=acting(staff()), now=now)
    assert records() == []


@pytest.mark.parametrize(("role", "side", "error"), [("caseworker", "RU", NotFound), ("auditor", "AZ", NotAllowed)])
def test_others_see_nothing_and_leave_no_record(now: datetime, role: str, side: str, error: type) -> None:
    case = opened(now, handler="AZ")
    file = ready(case.report_id, now)
    by = acting(staff(role, side))
    with pytest.raises(error):
        open_case_files(case_id=case.pk, by=by, now=now)
    with pytest.raises(error):
        open_case_file(case_id=case.pk, file_id=file.pk, by=by, now=now)
    assert records() == []


def test_a_file_of_another_case_is_not_there(now: datetime) -> None:
    case, other = opened(now, handler="AZ"), opened(now, handler="AZ")
    file = ready(other.report_id, now)
    for wanted in (file.pk, uuid4()):
        with pytest.raises(NotFound):
            open_case_file(case_id=case.pk, file_id=wanted, by=acting(staff()), now=now)


def test_an_erased_report_has_no_files(now: datetime) -> None:
    case = opened(now, handler="AZ")
    ready(case.report_id, now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        open_case_files(case_id=case.pk, by=acting(staff()), now=now)
