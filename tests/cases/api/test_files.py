"""Files for partners: only what consent covers now, only cleaned, each reading recorded."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.models import AgreementVersion, Referral
from intake.actions.change_consent import stop_sharing
from intake.actions.erase_report import erase_report
from intake.actions.file_owner import FileOwner
from intake.models import AccessRecord
from tests.cases.api.calling import GROUPS, Api, api, consent, referred
from tests.intake.filing import lying, ready, stored
from tests.intake.uploads import samples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def caller() -> Api:
    return api()


def with_files(caller: Api, groups: tuple[str, ...] = GROUPS, state: str = "accepted") -> tuple[Referral, Any, Any]:
    referral = referred(caller, state, consent=consent(groups=groups))
    report_id, now = referral.case.report_id, timezone.now()
    return referral, ready(report_id, now), ready(report_id, now, content=samples.amr(), use="story")


def ids(answer: Any) -> set[str]:
    return {item["id"] for item in answer.json()["results"]}


def test_a_partner_reads_the_documents_and_the_recording(caller: Api) -> None:
    referral, photo, voice = with_files(caller)
    answer = caller.get(f"cases/{referral.case.reference}/files/")
    assert ids(answer) == {str(photo.pk), str(voice.pk)}
    item = next(item for item in answer.json()["results"] if item["id"] == str(photo.pk))
    assert item | {"url": ""} == {
        "id": str(photo.pk),
        "kind": "photo",
        "use": "document",
        "size": photo.clean_bytes,
        "media_type": "image/jpeg",
        "url": "",
    }
    content = caller.get(item["url"])
    body = b"".join(content.streaming_content)
    assert len(body) == photo.clean_bytes and samples.CANARY.encode() not in body
    assert content.headers["Content-Type"] == "image/jpeg"
    assert content.headers["Content-Disposition"].startswith('attachment; filename="file-')
    assert content.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert content.headers["Cache-Control"] == "no-store"


def test_the_case_names_its_files(caller: Api) -> None:
    referral, photo, voice = with_files(caller)
    data = caller.get(f"cases/{referral.case.reference}/").json()["data"]
    assert [file["id"] for file in data["documents"]] == [str(photo.pk)]
    assert [file["id"] for file in data["story"]["recordings"]] == [str(voice.pk)]
    assert data["documents"][0]["url"].endswith(f"/files/{photo.pk}/content/")
    assert "Canary" not in str(data["documents"])


def test_each_reading_is_recorded_with_its_group(caller: Api) -> None:
    referral, _photo, voice = with_files(caller)
    caller.get(f"cases/{referral.case.reference}/files/{voice.pk}/content/")
    caller.get(f"cases/{referral.case.reference}/files/")
    found = set(AccessRecord.objects.filter(voice="partner").values_list("purpose", "body"))
    body = caller.partner.body_id
    assert found == {("file_read", body), ("case_fetched", body)}
    assert AccessRecord.objects.get(purpose="file_read").groups == ["story"]


@pytest.mark.parametrize(("groups", "sees"), [(("documents",), "photo"), (("story",), "voice"), (("contact",), "")])
def test_consent_decides_file_by_file(caller: Api, groups: tuple[str, ...], sees: str) -> None:
    referral, photo, voice = with_files(caller, groups)
    wanted = {"photo": photo, "voice": voice}
    place = f"cases/{referral.case.reference}/files/"
    assert ids(caller.get(place)) == {str(wanted[name].pk) for name in wanted if name == sees}
    for name, file in wanted.items():
        assert caller.get(f"{place}{file.pk}/content/").status_code == (200 if name == sees else 404)
    assert AccessRecord.objects.filter(voice="partner").count() == (2 if sees else 0)


def test_an_agreement_without_documents_covers_none(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    AgreementVersion.objects.update(data_groups=["story"])
    assert caller.get(f"cases/{referral.case.reference}/files/{photo.pk}/content/").status_code == 404


def test_withdrawn_consent_ends_it_with_the_next_request(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    place = f"cases/{referral.case.reference}/files/{photo.pk}/content/"
    assert caller.get(place).status_code == 200
    stop_sharing(report_id=referral.case.report_id, now=timezone.now())
    assert caller.get(place).status_code == 404


@pytest.mark.parametrize("state", ["offered", "declined", "expired", "withdrawn", "returned"])
def test_who_does_not_have_the_case_has_no_files(caller: Api, state: str) -> None:
    referral, photo, _voice = with_files(caller)
    Referral.objects.filter(pk=referral.pk).update(state=state, ended_at=timezone.now())
    assert caller.get(f"cases/{referral.case.reference}/files/").status_code == 404
    assert caller.get(f"cases/{referral.case.reference}/files/{photo.pk}/content/").status_code == 404


def test_a_case_completed_long_ago_is_a_tombstone(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    ended = timezone.now() - timedelta(days=31)
    Referral.objects.filter(pk=referral.pk).update(state="completed", ended_at=ended)
    assert caller.get(f"cases/{referral.case.reference}/files/{photo.pk}/content/").status_code == 404


def test_another_partner_and_another_case_have_no_part_in_it(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    other, _their_photo, _their_voice = with_files(api())
    mine, place = caller.get, f"/files/{photo.pk}/content/"
    assert api().get(f"cases/{referral.case.reference}{place}").status_code == 404
    assert mine(f"cases/{other.case.reference}{place}").status_code == 404
    assert mine(f"cases/{referral.case.reference}/files/{uuid4()}/content/").status_code == 404
    assert mine(f"cases/nonsense{place}").status_code == 404


def test_what_is_not_cleaned_or_gone_is_not_there(caller: Api) -> None:
    referral = referred(caller, "accepted", consent=consent())
    raw = stored(FileOwner(report_id=referral.case.report_id), samples.photo(), timezone.now())
    place = f"cases/{referral.case.reference}/files/"
    assert ids(caller.get(place)) == set()
    assert caller.get(f"{place}{raw.pk}/content/").status_code == 404
    file = ready(referral.case.report_id, timezone.now())
    for path in lying():
        path.unlink()
    assert caller.get(f"{place}{file.pk}/content/").status_code == 404
    assert not AccessRecord.objects.filter(purpose="file_read").exists()


def test_an_erased_report_has_no_files(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    erase_report(report_id=referral.case.report_id, because="reporter", now=timezone.now())
    assert caller.get(f"cases/{referral.case.reference}/files/{photo.pk}/content/").status_code == 404


def test_a_token_without_the_scope_and_none_at_all(caller: Api) -> None:
    referral, photo, _voice = with_files(caller)
    place = f"cases/{referral.case.reference}/files/{photo.pk}/content/"
    assert api(caller.partner, scopes=("referrals:read",)).get(place).status_code == 403
    assert Api().get(place).status_code == 401
    assert caller.get(f"{place}?inline=1").status_code == 400
