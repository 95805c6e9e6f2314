"""The pages of coverage and dry runs as people see them, and the admin's refusal of a category nobody could take."""

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Case, Job, PartnerOrganisation, Recusal, RoutingDecision, UncoveredCategory
from cases.routing.coverage_now import coverage_now
from intake.models import ProblemCategory
from tests.cases.arrange import opened, partner, staff
from tests.cases.routing_world import make_partner
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TRY = "/console/partners/try/"
ALWAYS = {"valid_from": date(2020, 1, 1), "valid_until": date(2100, 1, 1)}


def test_the_matrix_says_in_words_what_nobody_covers() -> None:
    client = signed_in(staff(language="en"))
    assert b"nobody" in client.get("/console/partners/coverage/").content
    make_partner(regions=[None], agreement=ALWAYS)
    page = client.get("/console/partners/coverage/?country=RU&language=az")
    assert b">covered<" in page.content
    assert sum(len(line.named) + len(line.others) for line in page.context["lines"]) > 80, "each region is in a line"


@pytest.mark.parametrize("query", ["country=XX", "language=xx", "country=%00", "language=RU"])
def test_an_unknown_place_or_language_is_said_so(query: str) -> None:
    assert signed_in(staff()).get(f"/console/partners/coverage/?{query}").status_code == 422


def test_health_counts_the_holes() -> None:
    page = signed_in(staff("supervisor", language="en")).get("/console/health/")
    assert page.context["coverage_holes"] == coverage_now("AZ", timezone.now()).holes() > 0
    assert b"that no partner covers" in page.content


def test_a_partner_without_whom_nobody_is_left_is_said_to_be_one() -> None:
    one, client = make_partner(agreement=ALWAYS), signed_in(staff(language="en"))
    said = b"No other partner of your side can take"
    assert said in client.get(f"/console/partners/{one.slug}/").content
    make_partner(agreement=ALWAYS)
    assert said not in client.get(f"/console/partners/{one.slug}/").content


# --- dry runs ---------------------------------------------------------------------------------------------------------
def moved_job(case: Case, owner: PartnerOrganisation, now: datetime, **columns: Any) -> Job:
    none: dict[str, Any] = {"mode": "automatic", "chosen": []}
    row = {
        "reference": case.reference,
        "kind": "finds_none",
        "before": {**none, "chosen": [str(owner.pk)]},
        "after": none,
    }
    row["why"] = [{"partner": str(owner.pk), "place": [1, None], "gone": [], "come": ["no_free_capacity"]}]
    counts = {"unchanged": 3, "left_out": 1}
    values = {"state": "done", "finished_at": now, "result": {"counts": counts, "is_cut": False, "cases": [row]}}
    params = {"change": {"kind": "partner", "partner": owner.slug, "capacity": 0}, "days": 30}
    return Job.objects.create(
        kind="dry_run", side="AZ", asked_by=staff("supervisor"), asked_at=now, params=params, **(values | columns)
    )


def test_what_is_asked_for_in_the_form_becomes_a_job_of_codes() -> None:
    one, client = partner("AZ"), signed_in(staff("partner_coordinator"))
    given = {
        "kind": "partner",
        "partner": one.slug,
        "capacity": "0",
        "pause": "stop",
        "add_areas": ["RU"],
        "days": "30",
    }
    answer = client.post(f"{TRY}ask/", given)
    job = Job.objects.get()
    assert answer["Location"] == f"{TRY}{job.pk}/"
    change = {"kind": "partner", "partner": one.slug, "capacity": 0, "is_active": False, "add_areas": ["RU"]}
    assert job.params == {"change": change, "days": 30}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "x"},
        {"kind": "partner", "days": "30"},
        {"kind": "policy", "urgency": "9"},
        {"kind": "agreement_ends"},
    ],
)
def test_a_form_that_says_nothing_is_shown_again(given: dict[str, str]) -> None:
    assert signed_in(staff("supervisor")).post(f"{TRY}ask/", given).status_code == 422
    assert not Job.objects.exists()


def test_a_running_job_is_fetched_again_without_a_script_and_a_finished_one_is_not(now: datetime) -> None:
    job = moved_job(opened(now), partner("AZ"), now, state="running", finished_at=None, done=1, total=4)
    client = signed_in(staff("supervisor", language="en"))
    page = client.get(f"{TRY}{job.pk}/")
    assert (page["Refresh"], b"1 of 4 cases" in page.content) == ("3", True)
    client.post(f"{TRY}{job.pk}/stop/")
    assert "Refresh" not in client.get(f"{TRY}{job.pk}/")


def test_the_result_says_who_and_why_in_words(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    page = signed_in(staff("supervisor", language="en")).get(f"{TRY}{moved_job(case, owner, now).pk}/").content.decode()
    for said in (case.reference, "place 1 before, not possible after; new reason: no free places", "Unchanged: 3."):
        assert said in page


def test_a_coordinator_reads_references_and_gets_no_link_to_a_case(now: datetime) -> None:
    case, owner = opened(now), partner("AZ")
    page = signed_in(staff("partner_coordinator")).get(f"{TRY}{moved_job(case, owner, now).pk}/").content.decode()
    assert case.reference in page and f"/console/cases/{case.reference}/" not in page


def test_a_case_of_somebody_the_reader_knows_stays_out_of_anothers_result(now: datetime) -> None:
    case, reader = opened(now), staff("supervisor")
    Recusal.objects.create(case=case, user=reader, at=now)
    job = moved_job(case, partner("AZ"), now)
    assert case.reference not in signed_in(reader).get(f"{TRY}{job.pk}/").content.decode()
    assert not RoutingDecision.objects.exists()


# --- a category that nobody could take --------------------------------------------------------------------------------
def category(client: Any, **given: str) -> Any:
    row = ProblemCategory.objects.get(pk="EDU")
    kept = {
        "labels": '{"en": "Education"}',
        "reporter_labels": '{"en": "School"}',
        "order": row.order,
        "default_urgency": 3,
    }
    return client.post("/admin/intake/problemcategory/EDU/change/", {**kept, **given})


def test_a_category_nobody_could_take_goes_public_only_when_somebody_says_they_know() -> None:
    ProblemCategory.objects.filter(pk="EDU").update(is_active=False)
    user = staff("administrator", language="en")
    client = signed_in(user)
    assert b"No partner could take such a case" in category(client, is_active="on").content
    assert not ProblemCategory.objects.get(pk="EDU").is_active
    assert category(client, is_active="on", nobody_yet="on").status_code == 302
    said = UncoveredCategory.objects.get()
    assert (said.category_id, said.said_by, ProblemCategory.objects.get(pk="EDU").is_active) == ("EDU", user, True)
    assert category(client, is_active="on").status_code == 302, "switched on already"
    assert UncoveredCategory.objects.count() == 1


def test_a_category_that_somebody_takes_needs_no_word() -> None:
    make_partner(categories=["EDU"], agreement=ALWAYS)
    ProblemCategory.objects.filter(pk="EDU").update(is_active=False)
    assert category(signed_in(staff("administrator")), is_active="on").status_code == 302
    assert not UncoveredCategory.objects.exists()
