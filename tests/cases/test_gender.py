"""A service for women is offered no man's case. Gender counts where it is known and a service needs it, else not."""

from typing import Any

import pytest

from cases.models import Case, JobRule, Service
from cases.routing import situation
from cases.routing.situation import case_facts, decide
from intake.actions.correct_report import correct_report
from intake.models import Report, ReportKey
from tests.cases.api.calling import api, referred
from tests.cases.routing_world import NOW, make_partner, make_reference
from tests.cases.test_dry_run import kinds, past_case, tried

pytestmark = pytest.mark.django_db
FOR_WOMEN = {"genders": ["female"]}


@pytest.fixture
def world() -> None:
    make_reference()
    JobRule.objects.create(kind="dry_run", most=50, look_back_days=365, keep_days=30)


def case_of(gender: str) -> Case:
    case = past_case()
    report = Report.objects.get(pk=case.report_id)
    identity = {"name": "Canary", **({"gender": gender} if gender else {})}
    report.seal(ReportKey.of(report.pk), identity=identity).save()
    return case


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("gender", "is_offered"), [("female", True), ("", True), ("male", False)])
def test_a_service_for_women_is_for_women_and_for_who_did_not_say(gender: str, is_offered: bool) -> None:
    case = case_of(gender)
    partner = make_partner(service=FOR_WOMEN)
    proposal = decide(case, case_facts(case, NOW), NOW)
    assert proposal.best(2) == ([partner.pk] if is_offered else [])
    assert [one.reasons for one in proposal.rejected] == ([] if is_offered else [("no_age_or_gender",)])


@pytest.mark.usefixtures("world")
def test_what_was_said_last_counts() -> None:
    case = case_of("female")
    make_partner(service=FOR_WOMEN)
    said: dict[str, Any] = {"part": "identity", "content": {"name": "Canary", "gender": "male"}}
    correct_report(report_id=case.report_id, submission_key="a", now=NOW, **said)
    assert case_facts(case, NOW).gender == "male"


@pytest.mark.usefixtures("world")
def test_nothing_is_opened_where_every_service_is_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of("male")
    make_partner()
    make_partner(categories=("WRK",), service=FOR_WOMEN)
    monkeypatch.setattr(situation, "gender_of", lambda *_: pytest.fail("opened"))
    assert case_facts(case, NOW).gender is None


@pytest.mark.usefixtures("world")
def test_a_trial_tells_women_and_men_apart_for_nobody() -> None:
    """Whoever tries what becomes of a service for women would learn from the cases that move who is a woman."""
    cases = [case_of(gender) for gender in ("male", "female", "")]
    partner = make_partner(service=FOR_WOMEN)
    job = tried({"kind": "partner", "partner": partner.slug, "is_active": False})
    assert kinds(job) == {case.reference: "finds_none" for case in cases}


@pytest.mark.parametrize(("genders", "shown"), [(["female"], "female"), ([], None)])
def test_the_offer_says_it_only_to_a_service_that_needs_it(
    reference: None, genders: list[str], shown: str | None
) -> None:
    caller = api()
    row = referred(caller, identity={"name": "Canary", "gender": "female"})
    Service.objects.create(partner=caller.partner, category_id=row.category_id, genders=genders)
    offer = caller.get(f"referrals/{row.pk}/").json()
    assert (offer["gender"], offer["data"]) == (shown, None)
    assert caller.get("referrals/").json()["results"][0]["gender"] is None
    assert not Report.objects.get(pk=row.case.report_id).access_records.exists()
    caller.post(f"referrals/{row.pk}/decline/", {"reason": "out_of_mandate"})
    assert caller.get(f"referrals/{row.pk}/").json()["gender"] is None
