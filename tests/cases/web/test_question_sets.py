"""An administrator edits the questions of the form: told what is wrong, sees a preview, then they are asked."""

import copy
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.functional import Promise

from intake.actions.edit_questions import faults_of_questions
from intake.models import QuestionSet, Report
from intake.queries import reference_data
from tests.cases.arrange import staff, submitted
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LIST = "/admin/intake/questionset/"


@pytest.fixture
def administrator() -> Client:
    return signed_in(staff("administrator", language="en"))


@pytest.fixture
def version() -> int:
    return QuestionSet.objects.get().version


def edited(version: int, **changes: Any) -> dict[str, Any]:
    definition = copy.deepcopy(QuestionSet.objects.get(pk=version).definition)
    row = next(row for row in definition["questions"] if row["key"] == "edu_school")
    row.update(changes)
    return definition


def save(client: Client, version: int, definition: Any) -> Any:
    typed = definition if isinstance(definition, str) else json.dumps(definition)
    return client.post(f"{LIST}{version}/change/", {"definition": typed}, follow=True)


def test_saving_makes_the_next_version_which_waits(administrator: Client, version: int) -> None:
    before = QuestionSet.objects.get().definition
    page = save(administrator, version, edited(version, en="Which school?")).content.decode()
    assert f"Saved as version {version + 1}." in page
    made = QuestionSet.objects.get(pk=version + 1)
    assert not made.is_active and reference_data().questions_version == version
    assert QuestionSet.objects.get(pk=version).definition == before


def test_the_preview_shows_the_questions_in_three_languages_as_the_form_does(
    administrator: Client, version: int
) -> None:
    save(administrator, version, edited(version, en="Which school <b>now</b>?"))
    page = administrator.get(f"{LIST}{version + 1}/preview/").content.decode()
    for words in ("Which school &lt;b&gt;now&lt;/b&gt;?", "Hansı bağça", "Какой детский сад", "Nə qədər", "Сколько"):
        assert words in page
    assert len(re.findall(r'<section class="section" lang="(az|ru|en)"', page)) == 3
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 300


def test_from_the_preview_it_goes_to_the_public_pages_and_back(administrator: Client, version: int) -> None:
    save(administrator, version, edited(version, en="Which school?"))
    administrator.post(f"{LIST}{version + 1}/preview/")
    assert reference_data().questions_version == version + 1
    public = Client()
    public.post("/en/")
    administrator.post(f"{LIST}{version}/preview/")
    assert reference_data().questions_version == version


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ("", "This field is required."),
        ("{", "valid JSON"),
        ("[1]", "There has to be a list called “questions”."),
        ("7", "There has to be a list called “questions”."),
        ({"kind": "riddle"}, "(edu_school): there is no kind “riddle”"),
        ({"ru": ""}, "(edu_school): the question has no words in the language “ru”."),
        (
            {"shown_if": {"forced_what": ["debt"]}},
            "(edu_school): “shown_if” names “forced_what”, which is not always asked",
        ),
        ({"key": "held"}, "(held): this key is already used"),
    ],
)
def test_what_is_wrong_is_said_on_the_page_and_nothing_is_stored(
    administrator: Client, version: int, definition: Any, said: str
) -> None:
    typed = edited(version, **definition) if isinstance(definition, dict) else definition
    assert said in save(administrator, version, typed).content.decode()
    assert QuestionSet.objects.count() == 1


def test_faults_are_put_into_words_when_they_are_read(reference: None) -> None:
    faults = faults_of_questions({"questions": [{"key": "x"}]})
    assert len(faults) > 20 and all(isinstance(fault, Promise) for fault in faults)


def test_a_set_that_a_report_names_is_kept_for_ever(administrator: Client, version: int, now: Any) -> None:
    submitted(now)
    assert Report.objects.get().questions_version == version
    assert administrator.post(f"{LIST}{version}/delete/", {"post": "yes"}).status_code == 403
    save(administrator, version, edited(version, en="Which school?"))
    save(administrator, version + 1, edited(version, en="Which school is it?"))  # nobody has seen it: in place
    assert list(QuestionSet.objects.values_list("version", flat=True)) == [version + 1, version]


def test_a_broken_set_has_no_preview_and_cannot_be_asked(administrator: Client, version: int) -> None:
    broken = QuestionSet.objects.create(version=9, definition={"questions": [{"key": "x"}]}, is_active=False)
    address = f"{LIST}{broken.pk}/preview/"
    assert "Question 1 (?)" in administrator.get(address).content.decode()
    assert administrator.post(address).status_code == 422
    assert reference_data().questions_version == version


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "auditor", "partner_coordinator", "working_group_member"])
def test_nobody_else_edits_questions(role: str, version: int) -> None:
    client = signed_in(staff(role))
    for address in (LIST, f"{LIST}add/", f"{LIST}{version}/change/", f"{LIST}{version}/preview/"):
        assert client.get(address).status_code in {302, 403}
        assert client.post(address, {"definition": "{}"}).status_code in {302, 403}
    assert QuestionSet.objects.count() == 1


def test_a_new_edition_waits_where_an_operator_has_made_the_questions_in_force(
    administrator: Client, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seeds import reference

    shipped = reference._json("questions.json")
    newer = {**shipped, "version": 99}
    reference._questions(newer)
    assert QuestionSet.objects.get(pk=99).is_active  # nobody has changed anything: it is asked
    save(administrator, 99, edited(99, en="Which school?"))
    administrator.post(f"{LIST}100/preview/")
    reference._questions({**shipped, "version": 120})
    assert not QuestionSet.objects.get(pk=120).is_active
    assert reference_data().questions_version == 100
