"""Where the person concerned has answered beside the reporter, what both allow holds; and a change on the page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from intake.actions.change_consent import (
    answer_consent_request,
    ask_consent,
    change_consent,
    refuse_sharing_step,
    stop_sharing,
)
from intake.actions.erase_report import erase_report
from intake.actions.submit_report import ConsentEntry, ReportEntry, submit_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput, ReportErased, ReportTakenBack
from intake.models import Body, Consent, IntakeEvent, Report
from intake.queries import consent_in_force

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]
SHARES = ("none", "ask_first", "any")
WIDE = ConsentEntry(share="any", cross_border="yes", groups=frozenset({"story", "contact"}), text_version=3)


@pytest.fixture
def report_id(entry: Make, now: datetime) -> UUID:
    return submit_report(entry=entry(about="other", consent=WIDE), now=now).report_id


def concerned(report_id: UUID, now: datetime, **answers: object) -> None:
    given = ConsentEntry(text_version=3, how="mailbox", **answers)  # type: ignore[arg-type]
    change_consent(report_id=report_id, consent=given, now=now, voice="affected_person")


@pytest.mark.parametrize("mine", SHARES)
@pytest.mark.parametrize("theirs", SHARES)
def test_the_stricter_answer_holds(entry: Make, now: datetime, mine: str, theirs: str) -> None:
    made = entry(about="other", consent=ConsentEntry(share=mine), subject_consent=ConsentEntry(share=theirs))
    report_id = submit_report(entry=made, now=now).report_id
    assert consent_in_force(report_id).share == min(mine, theirs, key=SHARES.index)


def test_what_the_person_was_not_asked_stays_closed(report_id: UUID, now: datetime) -> None:
    assert consent_in_force(report_id).cross_border
    concerned(report_id, now, share="any", groups=frozenset({"story", "family"}))
    consent = consent_in_force(report_id)
    assert (consent.share, consent.cross_border, consent.groups) == ("any", False, {"story"})


def test_a_yes_on_the_page_is_passed_on_for_the_person_who_wants_to_be_asked(
    report_id: UUID, body: Body, now: datetime
) -> None:
    concerned(report_id, now, share="ask_first")
    request = ask_consent(report_id=report_id, body_id=body.pk, now=now)
    assert not consent_in_force(report_id).allows_disclosure_to(body.pk)
    answer_consent_request(report_id=report_id, request_id=request.pk, answer="yes", now=now)
    assert consent_in_force(report_id).allows_disclosure_to(body.pk)


def test_only_differences_are_written(report_id: UUID, now: datetime) -> None:
    before = Consent.objects.count()
    later = now + timedelta(hours=1)
    assert not change_consent(report_id=report_id, consent=WIDE, now=later)
    narrow = ConsentEntry(share="any", cross_border="no", groups=frozenset({"story"}), text_version=3, how="mailbox")
    assert change_consent(report_id=report_id, consent=narrow, now=later)
    assert Consent.objects.count() == before + 2
    assert consent_in_force(report_id).groups == {"story"}
    assert IntakeEvent.objects.filter(kind="consent").count() == 1


def test_consent_can_be_given_later_after_send_now(entry: Make, body: Body, now: datetime) -> None:
    report_id = submit_report(entry=entry(), now=now).report_id
    assert not consent_in_force(report_id).allows_disclosure_to(body.pk)
    change_consent(report_id=report_id, consent=WIDE, now=now)
    assert consent_in_force(report_id).allows_disclosure_to(body.pk)


@pytest.mark.parametrize("wrong", [{"share": "perhaps"}, {"cross_border": "any"}, {"groups": frozenset({"soul"})}])
def test_an_answer_that_is_none_is_refused(report_id: UUID, now: datetime, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        change_consent(report_id=report_id, consent=ConsentEntry(**wrong), now=now)  # type: ignore[arg-type]
    assert not IntakeEvent.objects.filter(kind="consent").exists()


def test_nobody_speaks_for_somebody_who_does_not_know(entry: Make, now: datetime) -> None:
    for about, unaware in (("me", False), ("other", True)):
        made = entry(about=about, subject_unaware=unaware)
        report_id = submit_report(entry=made, now=now).report_id
        with pytest.raises(InvalidInput):
            concerned(report_id, now, share="any")


def test_what_was_taken_back_or_erased_is_passed_on_to_nobody(report_id: UUID, now: datetime) -> None:
    withdraw_report(report_id=report_id, now=now)
    with pytest.raises(ReportTakenBack):
        change_consent(report_id=report_id, consent=ConsentEntry(share="none"), now=now)
    erase_report(report_id=report_id, because="reporter", now=now)
    with pytest.raises(ReportErased):
        change_consent(report_id=report_id, consent=ConsentEntry(share="none"), now=now)


@pytest.mark.parametrize("how", ["stopped", "taken_back"])
def test_the_reporters_own_no_stands_also_where_the_person_concerned_had_said_no(
    entry: Make, now: datetime, how: str
) -> None:
    no, hour = ConsentEntry(share="none", text_version=3), timedelta(hours=1)
    made = entry(about="other", consent=WIDE, subject_consent=no)
    report_id = submit_report(entry=made, now=now).report_id
    if how == "stopped":
        assert stop_sharing(report_id=report_id, now=now + hour)
        assert not stop_sharing(report_id=report_id, now=now + hour)
    else:
        refuse_sharing_step(Report.objects.get(pk=report_id), given_at=now + hour)
    concerned(report_id, now + 2 * hour, share="any")
    assert not consent_in_force(report_id).allows_offer
