"""The case file since a person can come back: voices, additions, verbal consent, holds, erasures, vital interest."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.vital_interest import ask_vital_interest
from cases.models import Case, TimelineEvent, VitalInterest
from intake.actions.messages import post_message, write_to_reporter_step
from intake.actions.submit_report import ConsentEntry
from intake.models import Correction, LegalHold, Message, PartnerErasure, ReportKey
from tests.cases.arrange import acting, opened, partner, referral, staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def address(case: Case, act: str = "") -> str:
    return f"/console/cases/{case.reference}/{act}"


def seen(case: Case) -> dict[str, Any]:
    return {"seen": Case.objects.get(pk=case.pk).updated_at.isoformat()}


def corrected(case: Case, part: str, content: Any, now: datetime) -> None:
    row = Correction(report_id=case.report_id, part=part, made_at=now)
    row.seal(ReportKey.of(case.report_id), content=content)
    row.save(force_insert=True)


def test_three_voices_look_different_and_reading_marks_the_persons_as_read(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    post_message(report_id=case.report_id, text="Canary <i>question</i>", submission_key="a", now=now)
    write_to_reporter_step(
        report_id=case.report_id, voice="partner", by_ref=None, body_id=owner.body_id, text="Canary partner", now=now
    )
    client = signed_in(staff(language="en"))
    client.post(address(case, "note/"), {"text": "Canary note", **seen(case)})
    page = client.get(address(case)).content.decode()
    assert "Canary &lt;i&gt;question&lt;/i&gt;" in page
    assert all(f'class="voice {kind}"' in page for kind in ("of-reporter", "of-partner", "of-note"))
    assert Message.objects.get(voice="reporter").read_at is not None
    assert Message.objects.get(voice="partner").read_at is None


def test_a_caseworker_writes_to_the_person_whatever_a_colleague_did(now: datetime) -> None:
    case, client = opened(now), signed_in(staff(language="en"))
    answer = client.post(address(case, "write/"), {"text": "Canary answer", "seen": "long ago"})
    assert answer.status_code == 302
    message = Message.objects.get()
    assert message.unseal(ReportKey.of(case.report_id), "text") == "Canary answer"
    assert "Canary answer" in client.get(address(case)).content.decode()
    assert client.post(address(case, "write/"), {"text": " ", "seen": "x"}).status_code == 422


def test_what_was_said_anew_stands_beside_what_was_said_first(now: datetime) -> None:
    case = opened(now, story="Canary first", answers={"held": "yes"})
    corrected(case, "story", "Canary later", now + timedelta(hours=1))
    corrected(case, "answers", {"held": "no"}, now + timedelta(hours=1))
    page = signed_in(staff(language="en")).get(address(case)).content.decode()
    assert "Canary first" in page and "Canary later" in page
    assert "before: Yes" in page


def test_a_story_taken_back_is_gone_from_the_page(now: datetime) -> None:
    case = opened(now, story="Canary first")
    corrected(case, "story", None, now)
    page = signed_in(staff(language="en")).get(address(case)).content.decode()
    assert "Canary first" not in page and "took the story back" in page


def test_a_corrected_name_is_the_one_that_is_shown(now: datetime) -> None:
    case = opened(now, identity={"name": "Canary old"})
    corrected(case, "identity", {"name": "Canary new"}, now)
    page = signed_in(staff(language="en")).post(address(case, "personal/")).content.decode()
    assert "Canary new" in page and "Canary old" not in page


def test_verbal_consent_says_who_read_it_and_when(now: datetime) -> None:
    reader = staff()
    consent = ConsentEntry(share="any", text_version=1, how="verbal", read_by_ref=reader.pk, given_at=now)
    case = opened(now, channel="phone", source_ref=reader.pk, consent=consent)
    page = signed_in(staff(language="en")).get(address(case)).content.decode()
    assert "aloud on the telephone, words read by (Canary-staff)" in page
    assert "words of version 1" in page


def test_a_person_who_does_not_know_is_a_banner_before_all_else(now: datetime) -> None:
    case = opened(now, about="other", subject_unaware=True)
    page = signed_in(staff(language="en")).get(address(case)).content.decode()
    assert page.index("The person concerned does not know") < page.index("h-contact")


def test_unconfirmed_erasures_are_named_until_they_are_confirmed(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    held = referral(case, owner, now, "accepted")
    row = PartnerErasure.objects.create(
        report_id=case.report_id, body=owner.body, referral_ref=held.pk, asked_at=now - timedelta(days=11)
    )
    supervisor = signed_in(staff("supervisor", language="en"))
    assert "Unconfirmed erasures</h3>" in supervisor.get(address(case)).content.decode()
    listed = supervisor.get("/console/erasures/").content.decode()
    assert case.reference in listed
    assert case.reference not in signed_in(staff("supervisor", side="RU")).get("/console/erasures/").content.decode()
    PartnerErasure.objects.filter(pk=row.pk).update(confirmed_at=now, recorded_at=now)
    assert "Unconfirmed erasures</h3>" not in supervisor.get(address(case)).content.decode()


def test_a_hold_is_set_listed_and_lifted(now: datetime) -> None:
    case, client = opened(now), signed_in(staff("supervisor", language="en"))
    assert client.post(address(case, "hold/"), {"reason": "x", "until": "1999-01-01", "seen": "x"}).status_code == 422
    until = (datetime.now() + timedelta(days=20)).date()
    given = {"reason": "Canary court", "until": until.isoformat(), "seen": "x"}
    assert client.post(address(case, "hold/"), given).status_code == 302
    assert "Canary court" in client.get(address(case)).content.decode()
    assert case.reference in client.get("/console/holds/").content.decode()
    assert case.reference not in signed_in(staff("supervisor", side="RU")).get("/console/holds/").content.decode()
    assert "Canary court" not in signed_in(staff(language="en")).get(address(case)).content.decode()
    client.post(address(case, "hold/lift/"))
    assert LegalHold.objects.get().lifted_at is not None


def test_vital_interest_is_asked_and_decided_on_the_page_by_two(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    worker, first, second = (
        signed_in(staff(role, language="en")) for role in ("caseworker", "supervisor", "supervisor")
    )
    asked = {"partner": str(owner.pk), "groups": ["contact"], "reason": "Canary insulin", "seen": "x"}
    assert first.post(address(case, "vital/"), asked).status_code == 302
    row = VitalInterest.objects.get()
    decide = address(case, f"vital/{row.pk}/")
    assert case.reference in second.get("/console/vital/").content.decode()
    assert worker.post(decide, {"act": "approve", "tell": "now"}).status_code == 403
    assert first.post(decide, {"act": "approve", "tell": "now"}).status_code == 403
    assert second.post(decide, {"act": "approve", "tell": "later"}).status_code == 422
    assert second.post(decide, {"act": "conjure"}).status_code == 422
    assert second.post(decide, {"act": "approve", "tell": "now"}).status_code == 302
    assert "The person was told" in second.get(address(case)).content.decode() or Message.objects.exists()
    assert second.post(decide, {"act": "approve", "tell": "now"}).status_code == 412
    assert second.post(decide, {"act": "end"}).status_code == 302
    assert TimelineEvent.objects.filter(code="vital_interest_ended").exists()


def test_the_decision_of_one_case_is_not_reached_through_another(now: datetime) -> None:
    case, other = opened(now), opened(now)
    row = ask_vital_interest(
        case_id=case.pk, partner_id=partner("AZ").pk, groups=["story"], reason="x", by=acting(staff()), now=now
    )
    client = signed_in(staff("supervisor"))
    assert client.post(address(other, f"vital/{row.pk}/"), {"act": "approve", "tell": "now"}).status_code == 404
    assert VitalInterest.objects.get().approved_at is None
