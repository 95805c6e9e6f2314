"""The words of consent: what people have read stays; what cannot be asked is refused where it is entered."""

import copy
import json
from typing import Any

import pytest
from django.test import Client

from intake.actions.edit_consent_text import faults_of_consent_text
from intake.models import Consent, ConsentText
from tests.cases.arrange import staff, submitted
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LIST = "/admin/intake/consenttext/"


@pytest.fixture
def administrator() -> Client:
    return signed_in(staff("administrator", language="en"))


def definition(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ConsentText.objects.get().definition), **changes}


def save(client: Client, place: str, version: int, words: Any, **more: Any) -> Any:
    return client.post(LIST + place, {"version": version, "definition": json.dumps(words), **more})


@pytest.mark.parametrize("use", ["asked now", "somebody has agreed to them"])
def test_words_that_people_have_read_are_never_changed(administrator: Client, now: Any, use: str) -> None:
    row = ConsentText.objects.get()
    if use != "asked now":
        report_id = submitted(now)
        Consent.objects.create(
            report_id=report_id,
            question="share",
            answer="any",
            text_version=row.pk,
            language="en",
            how="form",
            given_at=now,
        )
        ConsentText.objects.update(is_active=False)
    before = row.definition
    other = definition()
    other["questions"][0]["en"] = "May we show this to everybody?"
    save(administrator, f"{row.pk}/change/", row.pk, other, is_active="on")
    row.refresh_from_db()
    assert row.definition == before and row.is_active


def test_other_words_are_the_next_version(administrator: Client) -> None:
    version = ConsentText.objects.get().version + 1
    assert f'value="{version}"' in administrator.get(f"{LIST}add/").content.decode()
    other = definition()
    other["questions"][0]["en"] = "May we pass it on?"
    assert save(administrator, "add/", version, other, is_active="on").status_code == 302
    assert ConsentText.objects.filter(is_active=True).first().version == version  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        "x",
        {"questions": []},
        {"questions": [1]},
        {"groups": {}},
        {"explanations": None},
        {"groups": {"options": 1}},
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_stored(administrator: Client, wrong: Any) -> None:
    words = definition(**wrong) if isinstance(wrong, dict) and wrong else wrong
    assert faults_of_consent_text(words)
    assert save(administrator, "add/", 99, words, is_active="on").status_code == 200
    assert not ConsentText.objects.filter(version=99).exists()


def test_another_code_or_a_missing_language_is_refused() -> None:
    code, language = definition(), definition()
    code["questions"][0]["options"][0]["code"] = "everybody"
    del language["groups"]["options"][0]["az"]
    assert not faults_of_consent_text(definition())
    assert [str(one).partition(":")[0] for one in faults_of_consent_text(code)] == ["questions.share.options.code"]
    assert [str(one).partition(":")[0] for one in faults_of_consent_text(language)] == ["groups.options"]
