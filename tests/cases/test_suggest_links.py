"""The system suggests what two cases have in common: once, within one side, and never what was taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions import suggest_links
from cases.actions.link_cases import decide_link
from cases.actions.suggest_links import compare_waiting
from cases.actions.take_up import take_up_report_events
from cases.models import Case, CaseLink, LinkRule, TimelineEvent
from cases.queries.remembered import forget_reference
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.models import BlindIndex, Report
from tests.cases.arrange import acting, opened, staff, submitted
from tests.cases.links_arrange import ACTOR, PHONE, compared, two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
INCIDENT = ("same_incident", "suggested", "place_date_actor")
SAME_ACTOR = ("same_actor", "suggested", "actor")


def test_the_same_number_is_a_suggestion_and_no_more(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    assert compared(now, one, other) == [("same_person", "suggested", "phone")]
    assert {one.state, other.state} == {"triage"} and one.compared_at == now
    assert not TimelineEvent.objects.filter(code__startswith="link").exists()


def test_a_name_that_only_sounds_alike_says_so(now: datetime) -> None:
    opened(now, identity={"name": "Əliyev Vüqar"}), opened(now, identity={"name": "Алиев Вугар"})
    assert compared(now) == [("same_person", "suggested", "name")]


def test_who_said_nothing_of_themselves_is_joined_with_nobody_for_what_they_told(now: datetime) -> None:
    two(now, story="Canary: the very same words")
    assert compared(now) == []


def test_a_raid_is_one_incident_for_everybody_who_names_who_did_it(now: datetime) -> None:
    opened(now, category="DET", actor_name="Əliyev Vüqar")
    opened(now + 2 * DAY, category="POL", actor_name="Вугар Алиев")
    assert compared(now) == [SAME_ACTOR, INCIDENT]


def test_since_when_somebody_is_held_counts_and_not_when_it_was_told(now: datetime) -> None:
    held = {"held": "yes", "held_since": "2026-11-01"}
    opened(now, category="DET", **ACTOR, answers=held)
    opened(now - 10 * DAY, category="DET", **ACTOR, answers={})
    assert compared(now) == [SAME_ACTOR]
    opened(now - 21 * DAY, category="DET", **ACTOR, answers=held)
    assert INCIDENT in compared(now)


def test_nothing_is_suggested_across_sides(now: datetime) -> None:
    opened(now, contact=PHONE, **ACTOR, handler="AZ"), opened(now, contact=PHONE, **ACTOR, handler="RU")
    assert compared(now) == []


def test_nor_between_a_practice_case_and_a_real_one(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    Case.objects.filter(pk=other.pk).update(is_practice=True)
    assert compared(now, one, other) == []


def test_what_everybody_names_says_nothing_and_the_strongest_few_are_enough(now: datetime) -> None:
    LinkRule.objects.filter(kind="same_actor").update(shared_by_at_most=2)
    LinkRule.objects.filter(kind="same_incident").update(most=1)
    forget_reference()
    for number in range(4):
        opened(now - number * DAY, category="DET", **ACTOR)
        compared(now)
    assert CaseLink.objects.filter(kind="same_actor").count() == 3  # of the first three; the fourth has three others
    assert CaseLink.objects.filter(kind="same_incident").count() == 3  # one for each that had others before it


def test_older_than_the_rule_looks_back_is_left_out(now: datetime) -> None:
    opened(now - 1096 * DAY, contact=PHONE), opened(now, contact=PHONE)
    assert compared(now) == []


def test_running_again_suggests_nothing_twice_and_nothing_that_was_refused(
    now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = two(now, contact=PHONE)
    compared(now, one, other)
    who: dict[str, Any] = {"by": acting(staff()), "now": now}
    decide_link(case_id=one.pk, other_id=other.pk, kind="same_person", state="refused", **who)
    Case.objects.update(compared_at=None)
    assert compared(now) == [("same_person", "refused", "phone")]
    assert compare_waiting(now=now) == 0
    assert not caplog.records


@pytest.mark.parametrize("act", ["erased_at", "withdrawn_at"])
@pytest.mark.parametrize("who", [0, 1])
def test_what_is_taken_back_while_it_is_compared_does_not_come_back(
    now: datetime, monkeypatch: pytest.MonkeyPatch, who: int, act: str
) -> None:
    pair = two(now, contact=PHONE)
    Case.objects.filter(pk=pair[1].pk).update(compared_at=now)
    real = suggest_links.alike

    def meanwhile(*args: Any) -> Any:
        found = real(*args)
        assert found
        Report.objects.filter(pk=pair[who].report_id).update(**{act: now})
        return found

    monkeypatch.setattr(suggest_links, "alike", meanwhile)
    assert compared(now) == []


def test_what_the_person_says_anew_is_compared_anew(now: datetime) -> None:
    one, other = two(now, category="DET")
    assert compared(now) == []
    for number, case in enumerate((one, other)):
        key = str(number)
        correct_report(report_id=case.report_id, part="actor_name", content="Canary Man", submission_key=key, now=now)
        take_up_report_events(report_id=case.report_id, now=now)
    assert compared(now) == [SAME_ACTOR, INCIDENT]
    correct_report(report_id=one.report_id, part="actor_name", content=None, submission_key="x", now=now)
    take_up_report_events(report_id=one.report_id, now=now)
    compare_waiting(now=now)
    assert list(BlindIndex.objects.filter(kind="actor").values_list("report_id", flat=True)) == [other.report_id]


def test_no_report_waits_for_it(now: datetime) -> None:
    report_id = submitted(now, **ACTOR)
    assert not BlindIndex.objects.filter(report_id=report_id).exists()
    take_up_report_events(report_id=report_id, now=now)
    assert Case.objects.get().compared_at is None


def test_an_erased_report_leaves_neither_hash_nor_suggestion(now: datetime) -> None:
    one, _other = two(now, contact=PHONE, **ACTOR)
    assert compared(now)
    erase_report(report_id=one.report_id, because="reporter", now=now)
    take_up_report_events(report_id=one.report_id, now=now)
    assert not CaseLink.objects.exists()
    assert not BlindIndex.objects.filter(report_id=one.report_id).exists()
    Case.objects.update(compared_at=None)
    assert compared(now) == []
    assert not BlindIndex.objects.filter(report_id=one.report_id).exists()


def test_a_report_that_was_withdrawn_is_suggested_to_nobody(now: datetime) -> None:
    one, _other = two(now, contact=PHONE, **ACTOR)
    compared(now)
    withdraw_report(report_id=one.report_id, now=now)
    take_up_report_events(report_id=one.report_id, now=now)
    Case.objects.update(compared_at=None)
    assert compared(now) == []


def test_a_case_that_cannot_be_compared_holds_up_no_other(
    now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = opened(now, contact=PHONE)
    two(now, contact=PHONE)
    real = suggest_links.index_actor

    def fail(*, report_id: Any) -> int:
        if report_id == broken.report_id:
            raise RuntimeError("Canary words")
        return real(report_id=report_id)

    monkeypatch.setattr(suggest_links, "index_actor", fail)
    assert ("same_person", "suggested", "phone") in compared(now)
    assert not Case.objects.filter(compared_at=None).exists()
    assert "Canary" not in caplog.text and str(broken.pk) in caplog.text
