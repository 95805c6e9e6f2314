"""The person stops sharing or answers about one organisation; both are handed over and hold at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from intake.actions import change_consent as module
from intake.actions.change_consent import (
    answer_about_organisation,
    answer_consent_request,
    ask_consent,
    change_consent,
    close_consent_requests,
    stop_sharing,
)
from intake.actions.submit_report import ConsentEntry, ReportEntry, submit_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput, ReportErased, ReportTakenBack
from intake.models import Body, Consent, ConsentRequest, IntakeEvent, Report
from intake.queries import consent_in_force, open_consent_request

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]
HOUR = timedelta(hours=1)


@pytest.fixture
def report_id(entry: Make, now: datetime) -> UUID:
    return submit_report(entry=entry(consent=ConsentEntry(share="ask_first")), now=now).report_id


@pytest.fixture
def request_id(report_id: UUID, body: Body, now: datetime) -> UUID:
    return ask_consent(report_id=report_id, body_id=body.pk, now=now).pk


def test_stopping_holds_at_once_and_is_handed_over(entry: Make, body: Body, now: datetime) -> None:
    report_id = submit_report(entry=entry(consent=ConsentEntry(share="any")), now=now).report_id
    assert consent_in_force(report_id).allows_disclosure_to(body.pk)
    assert stop_sharing(report_id=report_id, now=now + timedelta(minutes=1), language="ru")
    assert not consent_in_force(report_id).allows_disclosure_to(body.pk)
    assert IntakeEvent.objects.filter(report_id=report_id, kind="consent").count() == 1
    row = Consent.objects.get(answer="none")
    assert (row.how, row.language, row.text_version) == ("mailbox", "ru", 3)


def test_stopping_twice_is_stopping_once(report_id: UUID, now: datetime) -> None:
    assert stop_sharing(report_id=report_id, now=now)
    assert not stop_sharing(report_id=report_id, now=now)
    assert Consent.objects.filter(answer="none").count() == 1


def test_a_yes_opens_the_report_to_that_organisation_only(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    assert answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)
    consent = consent_in_force(report_id)
    assert consent.allows_disclosure_to(body.pk) and not consent.allows_disclosure_to(uuid4())
    assert IntakeEvent.objects.get(kind="consent").subject == request_id
    assert open_consent_request(report_id, body.pk) is None


def test_a_no_is_a_no_to_that_organisation_and_the_next_may_be_asked(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    answer_consent_request(report_id=report_id, request_id=request_id, answer="no", now=now)
    consent = consent_in_force(report_id)
    assert not consent.allows_offer_to(body.pk) and consent.allows_offer


def test_pressing_twice_answers_once(report_id: UUID, request_id: UUID, now: datetime) -> None:
    assert answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)
    assert not answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)
    assert IntakeEvent.objects.filter(kind="consent").count() == 1


@pytest.mark.parametrize("answer", ["", "maybe", "any", "YES"])
def test_only_yes_and_no_are_answers(report_id: UUID, request_id: UUID, now: datetime, answer: str) -> None:
    with pytest.raises(InvalidInput):
        answer_consent_request(report_id=report_id, request_id=request_id, answer=answer, now=now)
    assert not IntakeEvent.objects.filter(kind="consent").exists()


def test_the_question_of_another_report_cannot_be_answered(
    report_id: UUID, request_id: UUID, entry: Make, body: Body, now: datetime
) -> None:
    other = submit_report(entry=entry(), now=now).report_id
    with pytest.raises(InvalidInput):
        answer_consent_request(report_id=other, request_id=request_id, answer="yes", now=now)
    assert not consent_in_force(other).allows_disclosure_to(body.pk)


def test_a_question_that_is_closed_or_stopped_cannot_be_answered(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    stop_sharing(report_id=report_id, now=now)
    assert open_consent_request(report_id, body.pk) is None
    with pytest.raises(InvalidInput):
        answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)


def test_an_answer_cannot_be_turned_round_by_a_second_one(report_id: UUID, request_id: UUID, now: datetime) -> None:
    answer_consent_request(report_id=report_id, request_id=request_id, answer="no", now=now)
    with pytest.raises(InvalidInput):
        answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)


def test_an_erased_report_changes_no_more(report_id: UUID, now: datetime) -> None:
    Report.objects.update(erased_at=now)
    with pytest.raises(ReportErased):
        stop_sharing(report_id=report_id, now=now)


@pytest.mark.django_db(transaction=True)
def test_asking_twice_makes_one_question_and_spoils_no_transaction(report_id: UUID, body: Body, now: datetime) -> None:
    with transaction.atomic():
        first = ask_consent(report_id=report_id, body_id=body.pk, now=now)
        assert ask_consent(report_id=report_id, body_id=body.pk, now=now).pk == first.pk
    assert ConsentRequest.objects.count() == 1


def test_closing_concerns_one_organisation_or_all(report_id: UUID, body: Body, now: datetime) -> None:
    other = Body.objects.create(kind="partner")
    for each in (body, other):
        ask_consent(report_id=report_id, body_id=each.pk, now=now)
    assert close_consent_requests(report_id=report_id, body_id=body.pk, now=now) == 1
    assert open_consent_request(report_id, other.pk) is not None
    assert close_consent_requests(report_id=report_id, body_id=None, now=now) == 1
    assert ask_consent(report_id=report_id, body_id=body.pk, now=now).closed_at is None  # may be asked again


@pytest.mark.django_db(transaction=True)
def test_yes_and_stop_at_once_never_leave_the_report_open(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    def act(which: int) -> None:
        try:
            if which % 2:
                stop_sharing(report_id=report_id, now=now)
            else:
                answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)
        except InvalidInput:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(4)))
    assert not consent_in_force(report_id).allows_disclosure_to(body.pk)


@pytest.mark.django_db(transaction=True)
def test_a_second_answer_waits_for_the_first_and_then_sees_it(
    report_id: UUID, request_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_is_written, first_may_commit = Event(), Event()
    really_hand_over = module.hand_over

    def hand_over_slowly(**values: Any) -> None:
        really_hand_over(**values)
        if not first_is_written.is_set():
            first_is_written.set()
            first_may_commit.wait(10)

    def say_yes() -> bool:
        try:
            return answer_consent_request(report_id=report_id, request_id=request_id, answer="yes", now=now)
        finally:
            connection.close()

    monkeypatch.setattr(module, "hand_over", hand_over_slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(say_yes)
        assert first_is_written.wait(10)
        second = pool.submit(say_yes)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)
        first_may_commit.set()
        assert (first.result(10), second.result(10)) == (True, False)
    assert IntakeEvent.objects.filter(kind="consent").count() == 1


# --- all of it anew, and one organisation at a time

ALL = ConsentEntry(
    share="any", cross_border="yes", groups=frozenset({"identity", "story"}), text_version=3, how="mailbox"
)


def handed_over(report_id: UUID) -> int:
    return IntakeEvent.objects.filter(report_id=report_id, kind="consent").count()


def test_what_is_changed_is_in_force_and_handed_over_once(report_id: UUID, now: datetime) -> None:
    assert change_consent(report_id=report_id, consent=ALL, now=now + HOUR)
    consent = consent_in_force(report_id)
    assert (consent.share, consent.cross_border, consent.groups) == ("any", True, {"identity", "story"})
    assert handed_over(report_id) == 1


def test_the_same_again_writes_no_row_and_tells_nobody(report_id: UUID, now: datetime) -> None:
    change_consent(report_id=report_id, consent=ALL, now=now + HOUR)
    rows = Consent.objects.count()
    assert not change_consent(report_id=report_id, consent=ALL, now=now + 2 * HOUR)
    assert (Consent.objects.count(), handed_over(report_id)) == (rows, 1)
    less = replace(ALL, groups=frozenset({"story"}))
    assert change_consent(report_id=report_id, consent=less, now=now + 3 * HOUR)
    newest = Consent.objects.latest("given_at", "id")
    assert Consent.objects.count() == rows + 1 and (newest.data_group, newest.answer) == ("identity", "no")


def test_a_general_no_closes_what_is_still_asked(report_id: UUID, request_id: UUID, body: Body, now: datetime) -> None:
    assert change_consent(report_id=report_id, consent=replace(ALL, share="none"), now=now + HOUR)
    assert open_consent_request(report_id, body.pk) is None
    assert ConsentRequest.objects.get(pk=request_id).answer == ""


def test_a_wider_answer_leaves_the_question_open(report_id: UUID, request_id: UUID, body: Body, now: datetime) -> None:
    change_consent(report_id=report_id, consent=replace(ALL, share="ask_first"), now=now + HOUR)
    assert open_consent_request(report_id, body.pk) is not None


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_about_an_organisation_that_it_never_met_nothing_can_be_said(
    report_id: UUID, body: Body, answer: str, now: datetime
) -> None:
    """Else anybody could try out which organisations there are, and open the report to one of their own choosing."""
    rows = Consent.objects.count()
    with pytest.raises(InvalidInput):
        answer_about_organisation(report_id=report_id, body_id=body.pk, answer=answer, now=now)
    assert (Consent.objects.count(), handed_over(report_id)) == (rows, 0)


def test_about_one_that_it_met_it_can_be_said_at_any_time(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    assert answer_about_organisation(report_id=report_id, body_id=body.pk, answer="no", now=now + HOUR)
    assert not answer_about_organisation(report_id=report_id, body_id=body.pk, answer="no", now=now + HOUR)
    assert consent_in_force(report_id).per_body == {body.pk: "none"} and handed_over(report_id) == 1
    assert ConsentRequest.objects.get(pk=request_id).answer == "no"


@pytest.mark.parametrize("about", ["me", "unaware"])
def test_for_whom_nobody_writes_nobody_consents(entry: Make, about: str, now: datetime) -> None:
    other = {"about": "other", "subject_unaware": True} if about == "unaware" else {}
    report_id = submit_report(entry=entry(**other), now=now).report_id
    with pytest.raises(InvalidInput):
        change_consent(report_id=report_id, consent=ALL, now=now, voice="affected_person")
    assert not Consent.objects.filter(report_id=report_id, voice="affected_person").exists()


def test_after_the_report_was_taken_back_nothing_is_opened_any_more(
    report_id: UUID, request_id: UUID, body: Body, now: datetime
) -> None:
    withdraw_report(report_id=report_id, now=now)
    rows = Consent.objects.count()
    with pytest.raises(ReportTakenBack):
        change_consent(report_id=report_id, consent=ALL, now=now + HOUR)
    with pytest.raises(ReportTakenBack):
        answer_about_organisation(report_id=report_id, body_id=body.pk, answer="yes", now=now + HOUR)
    assert Consent.objects.count() == rows
