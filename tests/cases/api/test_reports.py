"""Filing a report for a hotline or a bot."""

from typing import Any
from uuid import uuid4

import pytest

from cases.models import Case
from intake.models import Body, Consent, Report, ReportKey, SafeContact
from intake.queries import consent_in_force, report_by_code
from tests.cases.api.calling import ACTOR, CANARIES, FAMILY, NAME, PHONE, STORY, Api

pytestmark = pytest.mark.django_db
LEAST = {"country": "RU", "category": "WRK"}
FULL: dict[str, Any] = {
    "country": "RU",
    "region": "RU-MOW",
    "category": "WRK",
    "subcode": "UNPAID",
    "language": "az",
    "citizenship": "AZ",
    "about": "other",
    "subject_unaware": False,
    "age_band": "25_39",
    "handler": "AZ",
    "actor_kind": "employer",
    "actor_name": ACTOR,
    "answers": {"held": "no", "forced": "yes", "forced_what": ["papers_taken"]},
    "story": STORY,
    "identity": {"name": NAME, "birth_date": "1990-01-31", "gender": "male"},
    "family": FAMILY,
    "must_not_see_text": "the agency",
    "contact": {
        "method": "phone",
        "value": PHONE,
        "days": [5, 6],
        "hours_from": "18:00",
        "hours_until": "21:30",
        "timezone": "Europe/Moscow",
        "device_shared": "yes",
        "may_leave_message": False,
        "cover_name": "the library",
        "safe_word": "apple",
        "never_contact": False,
        "notify": False,
        "valid_until": None,
    },
    "consent": {"share": "any", "cross_border": "no", "groups": ["story", "contact"], "text_version": 1},
}


def file(caller: Api, body: Any, **headers: str) -> Any:
    return caller.post("reports/", body, **({"idempotency-key": uuid4().hex} | headers))


def test_country_and_category_are_enough(caller: Api) -> None:
    answer = file(caller, LEAST)
    assert answer.status_code == 201
    assert Report.objects.get().reference == answer.json()["reference"]


def test_the_code_opens_the_persons_page(caller: Api) -> None:
    filed = file(caller, LEAST).json()
    report = report_by_code(filed["code"])
    assert report is not None and report.reference == filed["reference"]
    assert filed["page"].endswith("/page/")


def test_everything_a_person_told_is_kept_sealed(caller: Api) -> None:
    assert file(caller, FULL).status_code == 201
    report, contact = Report.objects.get(), SafeContact.objects.get()
    key = ReportKey.of(report.pk)
    assert (report.channel, report.source_ref, report.subcode) == (
        "api",
        caller.partner and caller.partner.pk,
        "UNPAID",
    )
    assert report.unseal(key, "story") == STORY
    assert report.unseal(key, "identity") == FULL["identity"]
    assert report.unseal(key, "answers") == FULL["answers"]
    assert (contact.unseal(key, "value"), contact.days, str(contact.hours_until)) == (PHONE, [5, 6], "21:30:00")
    given = {(row.question, row.data_group): row.answer for row in Consent.objects.all()}
    assert given == {
        ("share", ""): "any",
        ("cross_border", ""): "no",
        ("group", "story"): "yes",
        ("group", "contact"): "yes",
    }
    assert set(Consent.objects.values_list("how", flat=True)) == {"api"}


def test_the_person_concerned_has_a_contact_and_a_consent_of_their_own(caller: Api) -> None:
    theirs = {"subject_contact": {"method": "phone", "value": "+994501234567"}, "subject_consent": {"share": "none"}}
    assert file(caller, FULL | theirs).status_code == 201
    report = Report.objects.get()
    contact = SafeContact.objects.get(voice="affected_person")
    assert contact.unseal(ReportKey.of(report.pk), "value") == "+994501234567"
    assert Consent.objects.get(voice="affected_person").how == "api"
    assert not consent_in_force(report.pk).allows_offer


def test_the_answer_repeats_nothing_of_it(caller: Api) -> None:
    text = file(caller, FULL).content.decode()
    assert [word for word in CANARIES if word in text] == []


@pytest.mark.django_db(transaction=True)
def test_the_case_is_open_when_the_answer_comes(caller: Api) -> None:
    reference = file(caller, LEAST).json()["reference"]
    assert Case.objects.get().reference == reference


def test_without_consent_nothing_is_assumed(caller: Api) -> None:
    file(caller, LEAST)
    assert not Consent.objects.exists()


def test_without_a_language_it_is_the_one_that_was_asked_for(caller: Api) -> None:
    file(caller, LEAST, **{"accept-language": "ru"})
    assert Report.objects.get().language_id == "ru"


def test_a_body_that_must_not_see_it_is_kept(caller: Api) -> None:
    body = Body.objects.create(kind="employer", labels={"en": "x"})
    file(caller, LEAST | {"must_not_see": [str(body.pk)]})
    assert list(Report.objects.get().must_not_see.all()) == [body]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "country"),
        ({"country": "RU"}, "category"),
        (LEAST | {"country": "US"}, "country"),
        (LEAST | {"country": 7}, "country"),
        (LEAST | {"country": ["RU"]}, "country"),
        (LEAST | {"category": {}}, "category"),
        (LEAST | {"region": "AZ-BA"}, "region"),
        (LEAST | {"region": 1}, "region"),
        (LEAST | {"subcode": "NOTHING"}, "subcode"),
        (LEAST | {"language": "xx"}, "language"),
        (LEAST | {"about": "both"}, "about"),
        (LEAST | {"subject_unaware": "yes"}, "subject_unaware"),
        (LEAST | {"age_band": 30}, "age_band"),
        (LEAST | {"answers": "held"}, "answers"),
        (LEAST | {"answers": {"held": "maybe"}}, "answers"),
        (LEAST | {"answers": {"unknown": "yes"}}, "answers"),
        (LEAST | {"story": 5}, "story"),
        (LEAST | {"story": "x" * 20_001}, "story"),
        (LEAST | {"identity": "me"}, "identity"),
        (LEAST | {"identity": {"passport": "1"}}, "identity"),
        (LEAST | {"contact": "me"}, "contact"),
        (LEAST | {"about": "me", "subject_contact": {"method": "phone", "value": PHONE}}, "about"),
        (FULL | {"subject_contact": {"method": "pigeon"}}, "subject_contact.method"),
        (FULL | {"subject_consent": {"share": "perhaps"}}, "subject_consent.share"),
        (LEAST | {"contact": {"telephone": "1"}}, "contact.telephone"),
        (LEAST | {"contact": {"method": "pigeon"}}, "contact.method"),
        (LEAST | {"contact": {"method": "phone", "value": "abc"}}, "contact.value"),
        (LEAST | {"contact": {"method": "phone", "value": PHONE, "days": "all"}}, "contact.days"),
        (LEAST | {"contact": {"method": "phone", "value": PHONE, "hours_from": 18}}, "contact.hours_from"),
        (LEAST | {"contact": {"method": "phone", "value": PHONE, "timezone": "Mars"}}, "contact.timezone"),
        (LEAST | {"contact": {"method": [], "value": {}}}, "contact.method"),
        (LEAST | {"consent": "yes"}, "consent"),
        (LEAST | {"consent": {"share": "all"}}, "consent.share"),
        (LEAST | {"consent": {"share": {}}}, "consent.share"),
        (LEAST | {"consent": {"groups": "story"}}, "consent.groups"),
        (LEAST | {"consent": {"groups": [1]}}, "consent.groups"),
        (LEAST | {"consent": {"groups": ["story", "all"]}}, "consent.groups"),
        (LEAST | {"consent": {"text_version": "1"}}, "consent.text_version"),
        (LEAST | {"must_not_see": ["x"]}, "must_not_see"),
        (LEAST | {"must_not_see": [str(uuid4())]}, "must_not_see"),
        (LEAST | {"must_not_see": 5}, "must_not_see"),
        (LEAST | {"storry": "lost"}, "storry"),
        (LEAST | {"code": "12345678901234567890"}, "code"),
        (LEAST | {"channel": "web"}, "channel"),
        (LEAST | {"source_ref": str(uuid4())}, "source_ref"),
        (LEAST | {"submission_key": "x"}, "submission_key"),
        ([], "body"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(caller: Api, body: Any, field: str) -> None:
    answer = file(caller, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.content
    assert field in answer.json()["errors"]
    assert not Report.objects.exists()


def test_an_error_does_not_repeat_what_was_written(caller: Api) -> None:
    answer = file(caller, FULL | {"country": "US", "contact": FULL["contact"] | {"value": "Canary"}})
    assert answer.status_code == 422
    assert [word for word in CANARIES if word in answer.content.decode()] == []


@pytest.mark.parametrize("name", [name for name in FULL if name not in ("country", "category")])
def test_every_optional_field_may_be_null(caller: Api, name: str) -> None:
    assert file(caller, FULL | {name: None}).status_code == 201
