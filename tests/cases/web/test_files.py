"""Files in the console: listed and saved by POST only, never shown on our own pages."""

from datetime import datetime

import pytest

from intake.actions.erase_report import erase_report
from intake.models import AccessRecord
from tests.cases.arrange import opened, staff
from tests.cases.web.conftest import signed_in
from tests.intake.filing import NAME, ready
from tests.intake.uploads import samples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_the_list_shows_name_kind_and_size_after_it_was_asked_for(now: datetime) -> None:
    case, client = opened(now, handler="AZ"), signed_in(staff())
    file = ready(case.report_id, now)
    page = client.post(f"/console/cases/{case.reference}/files/").content.decode()
    assert NAME in page and f"/files/{file.pk}/" in page and "is recorded" in page
    assert AccessRecord.objects.filter(purpose="file_read", groups=["documents"]).count() == 1


def test_a_case_without_files_says_so(now: datetime) -> None:
    case = opened(now, handler="AZ")
    page = signed_in(staff()).post(f"/console/cases/{case.reference}/files/").content.decode()
    assert "The person has sent no files." in page


def test_a_file_is_saved_under_a_name_of_ours(now: datetime) -> None:
    case = opened(now, handler="AZ")
    file = ready(case.report_id, now)
    answer = signed_in(staff()).post(f"/console/cases/{case.reference}/files/{file.pk}/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="file-{file.pk.hex[-6:]}.jpg"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8") and samples.CANARY.encode() not in content


def test_files_of_an_erased_report_are_gone(now: datetime) -> None:
    case, client = opened(now, handler="AZ"), signed_in(staff())
    file = ready(case.report_id, now)
    erase_report(report_id=case.report_id, because="reporter", now=now)
    assert client.post(f"/console/cases/{case.reference}/files/").status_code == 410
    assert client.post(f"/console/cases/{case.reference}/files/{file.pk}/").status_code == 404
