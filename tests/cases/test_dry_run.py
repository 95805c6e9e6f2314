"""A dry run names exactly the cases that the real change would move, and changes nothing."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from cases.actions.ask_job import ask_dry_run
from cases.actions.dry_run import DryRun
from cases.actions.record import Actor
from cases.actions.run_jobs import run_jobs
from cases.actions.take_up import take_up_report_events
from cases.errors import NotAllowed, OneJobAtATime
from cases.models import (
    AgreementVersion,
    Case,
    Job,
    JobRule,
    PartnerLanguage,
    Recusal,
    Referral,
    RoutingDecision,
    RoutingPolicy,
    Service,
    ServiceArea,
    User,
)
from cases.queries.remembered import forget_reference
from cases.queries.rules import rule_book
from cases.routing.dry_run import Decided, Moved, as_new
from cases.routing.propose import PROPOSED, Proposal, Rejected, offers_at_once
from cases.routing.situation import case_facts, decide
from intake.actions.erase_report import erase_report
from intake.errors import InvalidInput
from intake.models import Report, ReportKey
from intake.references import new_id
from tests.cases.random_world import CATEGORIES, LANGUAGES, REGIONS, random_world
from tests.cases.routing_world import (
    NOW,
    make_agreement,
    make_case,
    make_partner,
    make_reference,
    make_referral,
    make_staff,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def reference_rows() -> None:
    make_reference()
    JobRule.objects.create(kind="dry_run", most=50, look_back_days=365, keep_days=30)


def past_case(**columns: Any) -> Case:
    case = make_case(**columns)
    RoutingDecision.objects.create(case=case, round=1, at=NOW - DAY, mode="automatic", rules_version="routing-1")
    return case


def tried(change: dict[str, Any], by: User | None = None) -> Job:
    """As the job does it, in the transaction of the test."""
    user = by or make_staff("partner_coordinator")
    job = Job(kind="dry_run", side=user.side, asked_by=user, asked_at=NOW, started_at=NOW)
    job.params = {"change": change, "days": 30}
    work = DryRun(job, user)
    job.todo, job.result = work.begin()
    job.result = work.go_on(job.result, [pk for pk in map(_uuid, job.todo)])
    return job


def _uuid(text: str) -> Any:
    return Case._meta.pk.to_python(text)


def kinds(job: Job) -> dict[str, str]:
    return {row["reference"]: row["kind"] for row in job.result["cases"]}


# --- exactly those that the real change would move --------------------------------------------------------------------
def really(change: dict[str, Any]) -> None:
    """The same change, made to the rows."""
    partner = Service.objects.none()
    if "partner" in change:
        from cases.models import PartnerOrganisation

        partner = PartnerOrganisation.objects.get(slug=change["partner"])
    if change["kind"] == "partner":
        _change_partner(partner, change)
    elif change["kind"] == "agreement_ends":
        AgreementVersion.objects.filter(agreement__slug=change["agreement"]).update(valid_until=NOW.date() - DAY)
    elif change["kind"] == "agreement_begins":
        make_agreement(partner, data_groups=change["data_groups"], categories=change.get("categories", []))
    elif change["kind"] == "agreement_scope":
        rows = AgreementVersion.objects.filter(agreement__slug=change["agreement"])
        rows.update(categories=change.get("categories", []), countries=change.get("countries", []))
    else:
        key = {"category_id": change["category"], "urgency": change["urgency"]}
        RoutingPolicy.objects.update_or_create(**key, defaults={"mode": change["mode"]})
    forget_reference()


def _change_partner(partner: Any, change: dict[str, Any]) -> None:
    for name in ("capacity", "is_active", "paused_until"):
        setattr(partner, name, change.get(name, getattr(partner, name)))
    partner.paused_until = None if change.get("unpause") else partner.paused_until
    partner.save()
    Service.objects.filter(partner=partner, category__in=change.get("drop_services", ())).delete()
    for code in change.get("add_services", ()):
        Service.objects.get_or_create(partner=partner, category_id=code)
    for code in change.get("drop_areas", ()):
        ServiceArea.objects.filter(partner=partner, region=code).delete()
    for code in change.get("add_areas", ()):
        ServiceArea.objects.get_or_create(partner=partner, country_id=code[:2], region_id=code if "-" in code else None)
    PartnerLanguage.objects.filter(partner=partner, language__in=change.get("drop_languages", ())).delete()
    for code in change.get("add_languages", ()):
        PartnerLanguage.objects.update_or_create(partner=partner, language_id=code, defaults={"by_interpreter": False})


def decided(case: Case) -> tuple[bool, list[Any]]:
    """By routing itself, where the case has not been offered to anybody yet."""
    is_automatic = rule_book().policy(case.category_id, case.urgency).is_automatic
    facts = case_facts(case, NOW)
    if not facts.allows_offers:
        return is_automatic, []
    number = offers_at_once(case.urgency) if is_automatic else PROPOSED
    return is_automatic, decide(case, as_new(facts), NOW).best(number)


def really_moved(cases: list[Case], change: dict[str, Any]) -> set[str]:
    moved = set()
    for case in cases:
        with transaction.atomic():
            Referral.objects.filter(case=case).delete()
            before = decided(case)
            really(change)
            after = decided(case)
            transaction.set_rollback(True)
        forget_reference()
        if before[1] != after[1] or (before[0] != after[0] and before[1]):
            moved.add(case.reference)
    return moved


def some_change(rng: Random, slug: str, agreement: str) -> dict[str, Any]:
    partner: dict[str, Any] = {"kind": "partner", "partner": slug}
    return rng.choice(
        [
            {**partner, "capacity": rng.choice([0, 9])},
            {**partner, "is_active": False},
            {**partner, "paused_until": "2026-12-24"},
            {**partner, "unpause": True, "is_active": True, "add_services": ["DET", "WRK"], "add_areas": ["RU"]},
            {**partner, "add_areas": ["RU"], "add_languages": ["az", "lez"], "drop_areas": ["RU-MOW"]},
            {**partner, "drop_languages": ["az"]},
            {"kind": "agreement_ends", "agreement": agreement},
            {"kind": "agreement_scope", "agreement": agreement, "categories": ["EDU"]},
            {"kind": "agreement_begins", "partner": slug, "data_groups": ["identity", "contact"]},
            {"kind": "policy", "category": "DET", "urgency": 1, "mode": "propose"},
            {"kind": "policy", "category": "WRK", "urgency": 3, "mode": "automatic"},
        ]
    )


@pytest.mark.parametrize("seed", range(10))
def test_it_names_exactly_the_cases_that_the_real_change_moves(seed: int) -> None:
    rng = Random(seed)
    partners = random_world(rng, 4)
    partners += [make_partner(regions=[None], languages=LANGUAGES) for _ in range(2)]
    cases = []
    for _ in range(5):
        case = past_case(
            category=rng.choice(CATEGORIES),
            urgency=rng.choice([1, 3]),
            region_id=rng.choice(REGIONS),
            language_id=rng.choice(LANGUAGES),
            share=rng.choice(["any", "ask_first", "none"]),
        )
        if rng.random() < 0.4:
            state = rng.choice(["offered", "accepted", "declined", "expired"])
            reason = "out_of_mandate" if state == "declined" else ""
            make_referral(case, rng.choice(partners), state=state, decline_reason=reason)
        cases.append(case)
    own = [one for one in partners if one.side == "AZ"]
    agreement = partners[-1].agreements.get().slug
    for change in (some_change(rng, rng.choice(own).slug, agreement) for _ in range(2)):
        assert set(kinds(tried(change))) == really_moved(cases, change), change


def test_ending_the_memorandum_takes_what_stands_under_it() -> None:
    make_partner(agreement={"under_memorandum": True})
    memorandum = make_agreement(None)
    case = past_case()
    change = {"kind": "agreement_ends", "agreement": memorandum.agreement.slug}
    assert kinds(tried(change)) == {case.reference: "finds_none"}


# --- what it says -----------------------------------------------------------------------------------------------------
def test_it_says_who_comes_instead_and_why() -> None:
    gone = make_partner("gone", regions=["RU-MOW"], service={"is_specialised": True})
    next_one = make_partner("next")
    case = past_case(urgency=2)
    job = tried({"kind": "partner", "partner": gone.slug, "paused_until": "2026-12-24"})
    (row,) = job.result["cases"]
    assert (row["reference"], row["kind"]) == (case.reference, "moves")
    assert (row["before"]["chosen"], row["after"]["chosen"]) == ([str(gone.pk)], [str(next_one.pk)])
    assert row["why"][0] == {
        "partner": str(gone.pk),
        "place": [1, None],
        "held": [False, False],
        "gone": [],
        "come": ["partner_paused"],
    }
    assert job.result["counts"]["unchanged"] == 0


def test_a_policy_moves_who_decides_and_no_partner() -> None:
    make_partner()
    case = past_case(urgency=1)
    job = tried({"kind": "policy", "category": "DET", "urgency": 1, "mode": "propose"})
    assert kinds(job) == {case.reference: "decided_otherwise"}
    assert [job.result["cases"][0][when]["mode"] for when in ("before", "after")] == ["automatic", "propose"]


def test_what_the_person_said_is_not_told_case_by_case() -> None:
    one = new_id()
    before = Decided(True, Proposal((), (Rejected(one, ("no_service",)),)), ())
    after = Decided(True, Proposal((), (Rejected(one, ("conflict_of_interest", "excluded_by_reporter")),)), ())
    (why,) = Moved("finds_none", before, after).stored("A-1")["why"]
    assert (why["gone"], why["come"]) == (["no_service"], ["of_the_person"])


def test_the_case_that_fills_the_last_place_today_does_not_stand_in_its_own_way() -> None:
    partner = make_partner(capacity=1)
    case = past_case(urgency=2)
    make_referral(case, partner, state="accepted")
    change = {"kind": "partner", "partner": partner.slug, "capacity": 2}
    assert tried(change).result["counts"]["unchanged"] == 1
    assert kinds(tried({**change, "capacity": 0})) == {case.reference: "finds_none"}


# --- whose cases ------------------------------------------------------------------------------------------------------
def test_cases_of_the_other_side_practice_cases_and_old_ones_are_not_looked_at() -> None:
    partner = make_partner()
    past_case(side="RU"), past_case(is_practice=True)
    RoutingDecision.objects.filter(case=past_case()).update(at=NOW - 31 * DAY)
    make_case()
    assert tried({"kind": "partner", "partner": partner.slug, "capacity": 0}).todo == []


def test_a_case_of_somebody_the_asker_knows_is_left_out() -> None:
    partner, user, case = make_partner(), make_staff("supervisor"), past_case()
    Recusal.objects.create(case=case, user=user, at=NOW)
    assert tried({"kind": "partner", "partner": partner.slug, "capacity": 0}, user).todo == []


def test_erased_reports_and_those_that_allow_no_offer_are_counted_apart() -> None:
    partner, erased = make_partner(), past_case()
    past_case(share="none")
    ReportKey.objects.filter(pk=erased.report_id).delete()
    Report.objects.filter(pk=erased.report_id).update(erased_at=NOW)
    job = tried({"kind": "partner", "partner": partner.slug, "capacity": 0})
    assert (job.result["counts"]["left_out"], job.result["cases"]) == (2, [])


def test_what_was_found_before_an_erasure_says_nothing_of_the_person_after_it() -> None:
    """The row of the job stays: a reference that opens an empty case, and codes. A later run does not find it again."""
    close, free = make_partner("close", related_bodies=["Əliyev Tikinti"]), make_partner("free")
    case = past_case(actor_name="Canary Əliyev Tikinti")
    change = {"kind": "partner", "partner": free.slug, "is_active": False}
    job = tried(change)
    job.pk, job.state, job.finished_at, job.total = new_id(), "done", NOW, len(job.todo)
    job.save(force_insert=True)
    assert kinds(job) == {case.reference: "finds_none"}
    erase_report(report_id=case.report_id, because="reporter", now=NOW + DAY)
    take_up_report_events(report_id=case.report_id, now=NOW + DAY)
    kept = Job.objects.get()
    assert kinds(kept) == {case.reference: "finds_none"}
    stored = str(Job.objects.values().get())
    assert "anary" not in stored and "Tikinti" not in stored and str(case.report_id) not in stored
    assert str(close.pk) not in str([row["why"] for row in kept.result["cases"]]), "nor who is close to whom"
    assert kinds(tried(change)) == {}


def test_no_more_than_the_operator_allows_the_newest_first_and_it_says_so() -> None:
    partner = make_partner()
    JobRule.objects.update(most=1)
    old, new = past_case(), past_case()
    RoutingDecision.objects.filter(case=old).update(at=NOW - 2 * DAY)
    job = tried({"kind": "partner", "partner": partner.slug, "capacity": 0})
    assert (job.todo, job.result["is_cut"]) == ([str(new.pk)], True)


# --- nothing else changes ---------------------------------------------------------------------------------------------
def everything() -> dict[str, list[Any]]:
    models = [one for label in ("cases", "intake") for one in apps.get_app_config(label).get_models() if one is not Job]
    return {one._meta.label: sorted(map(repr, one.objects.values_list())) for one in models}


@pytest.mark.django_db(transaction=True)
def test_from_asking_to_the_result_no_row_changes_but_the_job() -> None:
    gone, user = make_partner(), make_staff("partner_coordinator")
    make_referral(past_case(), gone, state="accepted")
    before = everything()
    change = {"kind": "partner", "partner": gone.slug, "capacity": 0}
    job = ask_dry_run(change=change, days=30, by=Actor("staff", user.pk), now=NOW)
    assert run_jobs(now_fn=lambda: NOW) == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, len(job.result["cases"])) == ("done", 1, 1, 1)
    assert everything() == before


# --- asking -----------------------------------------------------------------------------------------------------------
PARTNER: dict[str, Any] = {"kind": "partner", "partner": "p0"}
BEGINS: dict[str, Any] = {"kind": "agreement_begins", "partner": "p0", "data_groups": ["story"]}
BAD: list[tuple[Any, str]] = [
    (None, "kind"),
    ([], "kind"),
    ({}, "kind"),
    ({"kind": "weights"}, "kind"),
    ({"kind": ["partner"]}, "kind"),
    (PARTNER, "partner"),
    ({**PARTNER, "partner": "nobody", "capacity": 1}, "partner"),
    ({**PARTNER, "partner": "p1", "capacity": 1}, "partner"),  # of the other side
    ({**PARTNER, "partner": None, "capacity": 1}, "partner"),
    ({**PARTNER, "capacity": -1}, "capacity"),
    ({**PARTNER, "capacity": "5"}, "capacity"),
    ({**PARTNER, "capacity": True}, "capacity"),
    ({**PARTNER, "capacity": 10**9}, "capacity"),
    ({**PARTNER, "is_active": "no"}, "is_active"),
    ({**PARTNER, "paused_until": "2026-11-01"}, "paused_until"),
    ({**PARTNER, "paused_until": "soon"}, "paused_until"),
    ({**PARTNER, "paused_until": 5}, "paused_until"),
    ({**PARTNER, "paused_until": "2026-12-01", "unpause": True}, "unpause"),
    ({**PARTNER, "add_services": ["XXX"]}, "add_services"),
    ({**PARTNER, "add_services": "DET"}, "add_services"),
    ({**PARTNER, "add_services": [["DET"]]}, "add_services"),
    ({**PARTNER, "drop_services": ["EDU"]}, "drop_services"),  # it has no such service
    ({**PARTNER, "add_services": ["DET"], "drop_services": ["DET"]}, "drop_services"),
    ({**PARTNER, "add_areas": ["RU-XXX"]}, "add_areas"),
    ({**PARTNER, "add_languages": ["xx"]}, "add_languages"),
    ({**PARTNER, "capacity": 1, "email": "x@example.org"}, "email"),
    ({"kind": "agreement_ends"}, "agreement"),
    ({"kind": "agreement_ends", "agreement": "a1"}, "agreement"),  # of the other side
    ({"kind": "agreement_ends", "agreement": {}}, "agreement"),
    ({**BEGINS, "data_groups": []}, "data_groups"),
    ({**BEGINS, "data_groups": ["everything"]}, "data_groups"),
    ({**BEGINS, "countries": ["XX"]}, "countries"),
    ({**BEGINS, "categories": ["XXX"]}, "categories"),
    ({"kind": "agreement_scope", "agreement": "a0", "categories": [1]}, "categories"),
    ({"kind": "policy", "category": "DET", "urgency": 5, "mode": "propose"}, "urgency"),
    ({"kind": "policy", "category": "DET", "mode": "propose"}, "urgency"),
    ({"kind": "policy", "category": "XXX", "urgency": 1, "mode": "propose"}, "category"),
    ({"kind": "policy", "category": "DET", "urgency": 1, "mode": "never"}, "mode"),
]


@pytest.mark.parametrize(("change", "name"), BAD, ids=str)
def test_what_is_not_known_is_refused_at_its_name(change: Any, name: str) -> None:
    make_partner(), make_partner(side="RU")
    with pytest.raises(InvalidInput) as refused:
        ask_dry_run(change=change, days=30, by=Actor("staff", make_staff("supervisor").pk), now=NOW)
    assert set(refused.value.fields) == {name}
    assert not Job.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 366, "30", None, 1.5, True])
def test_a_period_beyond_the_rule_is_refused(days: Any) -> None:
    make_partner()
    by = Actor("staff", make_staff("supervisor").pk)
    with pytest.raises(InvalidInput) as refused:
        ask_dry_run(change={**PARTNER, "capacity": 1}, days=days, by=by, now=NOW)
    assert set(refused.value.fields) == {"days"}


@pytest.mark.parametrize("role", ["caseworker", "auditor", "working_group_member", "administrator"])
def test_nobody_else_may_ask(role: str) -> None:
    make_partner()
    with pytest.raises(NotAllowed):
        ask_dry_run(change=PARTNER, days=30, by=Actor("staff", make_staff(role).pk), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_second_click_asks_for_nothing_more() -> None:
    make_partner()
    by = Actor("staff", make_staff("supervisor").pk)
    asked = {"change": {**PARTNER, "capacity": 1}, "days": 30, "by": by, "now": NOW}
    ask_dry_run(**asked)
    with pytest.raises(OneJobAtATime):
        ask_dry_run(**asked)
    assert Job.objects.count() == 1
