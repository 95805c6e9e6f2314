"""Questions that an operator changes while somebody answers: nothing that was said is lost."""

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from intake.actions.check_entry import check_entry
from intake.actions.drafts import save_answers, start_draft
from intake.actions.edit_questions import ask_questions, save_questions
from intake.actions.entry import ReportEntry
from intake.actions.send_draft import send_draft
from intake.actions.submit_report import submit_report
from intake.errors import InvalidInput
from intake.models import ProblemCategory, ProblemSubcode, QuestionSet, Report, ReportKey
from intake.queries import forget_reference_data, reference_data
from intake.queries.questions import answered_questions

from .conftest import QUESTIONS

pytestmark = pytest.mark.django_db
Make = Callable[..., ReportEntry]


@pytest.fixture(autouse=True)
def every_category(small_reference: None) -> None:
    named = {code for row in QUESTIONS["questions"] for code in _named(row, "category")}
    ProblemCategory.objects.bulk_create(
        [ProblemCategory(code=code, default_urgency=3) for code in named - {"DET", "WRK"}]
    )
    ProblemSubcode.objects.create(category_id="DET", code="MISSING")
    forget_reference_data()


def _named(row: dict[str, Any], what: str) -> list[str]:
    ways = row.get("shown_if") or []
    return [code for way in ([ways] if isinstance(ways, dict) else ways) for code in way.get(what, [])]


def changed(*, without: str = "", option: tuple[str, str] = ("", "")) -> dict[str, Any]:
    definition = copy.deepcopy(QUESTIONS)
    definition["questions"] = [row for row in definition["questions"] if row["key"] != without]
    for row in definition["questions"]:
        if row["key"] == option[0]:
            row["options"] = [one for one in row["options"] if one["code"] != option[1]]
    return definition


def put_in_force(definition: dict[str, Any]) -> int:
    version = save_questions(definition=definition, edited=1).version
    ask_questions(version=version)
    return version


def test_what_was_begun_under_one_version_is_sent_whole_under_the_next(now: datetime) -> None:
    secret = start_draft(now=now).secret
    answers = {"held": "no", "wrk_employer": "Zavod", "wrk_contract": "no", "wrk_owed": "45000 RUB"}
    steps = {"where": {"country": "RU"}, "what": {"category": "WRK"}, "questions": answers}
    for step, values in steps.items():
        save_answers(secret=secret, step=step, values=values, now=now)
    version = put_in_force(changed(without="wrk_employer"))
    report = Report.objects.get(pk=send_draft(secret=secret, now=now).report_id)
    stored = report.unseal(ReportKey.of(report.pk), "answers")
    assert stored == answers and report.questions_version == version
    words = {question.key: question.words["en"] for question, _value in answered_questions(stored)}
    assert words["wrk_employer"].startswith("Who is the employer") and set(words) == set(answers)


def test_an_option_that_is_gone_is_kept_as_it_was_chosen(entry: Make, now: datetime) -> None:
    put_in_force(changed(option=("scm_how", "cash")))
    clean = check_entry(entry(answers={"scm_how": "cash"}), today=now.date())
    assert clean.answers == {"scm_how": "cash"}
    (question, value), *_rest = answered_questions(clean.answers)
    assert value == "cash" and any(option.code == "cash" for option in question.options)


def test_what_no_version_ever_asked_is_still_refused(entry: Make, now: datetime) -> None:
    put_in_force(changed(without="wrk_employer"))
    for answers in ({"stranger": "x"}, {"scm_how": "gold"}, {"wrk_employer": ["x"]}):
        with pytest.raises(InvalidInput):
            check_entry(entry(answers=answers), today=now.date())


def test_a_version_that_is_asked_or_used_is_never_changed(entry: Make, now: datetime) -> None:
    first = save_questions(definition=changed(without="oth_wish"), edited=1)
    assert (first.version, first.is_active) == (2, False) and QuestionSet.objects.get(pk=1).definition == QUESTIONS
    again = save_questions(definition=changed(without="edu_on"), edited=2)
    assert again.version == 2  # nobody has seen it yet
    ask_questions(version=2)
    assert save_questions(definition=changed(without="edu_on"), edited=2).version == 3
    submit_report(entry=entry(), now=now)
    QuestionSet.objects.filter(pk=2).update(is_active=False)
    assert save_questions(definition=changed(without="edu_on"), edited=2).version == 4


def test_a_new_version_is_not_asked_before_somebody_says_so(small_reference: None) -> None:
    version = save_questions(definition=changed(without="oth_wish"), edited=1).version
    forget_reference_data()
    assert reference_data().questions_version == 1
    ask_questions(version=version)
    assert reference_data().questions_version == version
    assert "oth_wish" not in {question.key for question in reference_data().questions}
    ask_questions(version=1)  # and back
    assert reference_data().questions_version == 1


def test_a_broken_set_is_neither_stored_nor_asked(small_reference: None) -> None:
    broken = changed(without="held")
    with pytest.raises(InvalidInput) as refused:
        save_questions(definition=broken, edited=1)
    assert any("“held”" in str(fault) for fault in refused.value.fields["definition"])
    QuestionSet.objects.create(version=9, definition=broken, is_active=False)
    with pytest.raises(InvalidInput):
        ask_questions(version=9)
    assert not QuestionSet.objects.get(pk=9).is_active


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("wrk_employer", "  Zavod\u202e\x00 «Ay»\n2 ", "Zavod «Ay» 2"),
        ("ban_said", "one\r\ntwo\u2066", "one\ntwo"),
        ("hou_people", "004", "4"),
        ("wrk_owed", "45000.50 AZN", "45000.50 AZN"),
        ("wrk_owed", "300", "300"),
        ("edu_school", "\x00\u202e", None),
    ],
)
def test_what_a_person_writes_is_cleaned_and_kept(entry: Make, now: datetime, key: str, typed: str, kept: Any) -> None:
    clean = check_entry(entry(answers={key: typed}), today=now.date()).answers
    assert clean == ({key: kept} if kept else {})


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"wrk_employer": "x" * 201}, "answers.wrk_employer"),
        ({"ban_said": "x" * 1_000_000}, "answers.ban_said"),
        ({"wrk_employer": 7}, "answers"),
        ({"wrk_employer": {"a": "b"}}, "answers"),
        ({"hou_people": "many"}, "answers"),
        ({"hou_people": "-1"}, "answers"),
        ({"hou_people": "9" * 30}, "answers"),
        ({"hou_people": "²"}, "answers"),
        ({"wrk_owed": "a lot"}, "answers"),
        ({"wrk_owed": "5 XXX"}, "answers"),
        ({"wrk_owed": "5 RUB; DROP"}, "answers"),
        ({"wrk_owed": "1" * 11}, "answers"),
    ],
)
def test_what_cannot_be_an_answer_is_named(entry: Make, now: datetime, answers: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_entry(entry(answers=answers), today=now.date())
    assert set(refused.value.fields) == {field}
