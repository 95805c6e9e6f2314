"""Generated cases are what the real actions would have left, and everything that reads cases can read them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum

from cases.actions.anchor_timelines import anchor_timelines
from cases.actions.answer_referral import accept_referral
from cases.actions.assign import take_case
from cases.actions.complete_referral import complete_referral, end_access
from cases.actions.confirm_erasure import remind_of_erasures
from cases.actions.decide_closing import approve_closing
from cases.actions.end_case import close_case
from cases.actions.escalate import escalate_alarms
from cases.actions.expire import expire_due
from cases.actions.follow_ups import remind_due
from cases.actions.give_back import give_back_waiting
from cases.actions.number_feed import number_waiting
from cases.actions.offer import offer_case
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.actions.remind_partners import remind_partners
from cases.actions.retain import erase_due
from cases.actions.route_case import route_case
from cases.actions.suggest_links import compare_waiting
from cases.actions.take_up import take_up_waiting
from cases.actions.triage import confirm_triage
from cases.actions.verify_timelines import Seen, broken_anchors, broken_timelines
from cases.actions.wake_unrouted import wake_all
from cases.actions.watch_clocks import watch_clocks
from cases.deadlines import due_at
from cases.models import (
    Case,
    CaseLink,
    ClosingProposal,
    Delivery,
    FeedHead,
    OutboxMessage,
    PartnerChange,
    PartnerOrganisation,
    Referral,
    RoutingDecision,
    User,
    append_only,
)
from cases.queries.calendars import partner_calendar, side_calendar
from cases.queries.partners import loads
from cases.queries.rules import rule_book
from cases.workflow import CaseState, ReferralState
from intake.models import BlindIndex, IntakeEvent, Report, ReportKey
from intake.queries.same_person import earlier_reports
from seeds.generate.network import FAMILY
from seeds.generate.open_lives import LIVES
from seeds.generate.run import GenerateRefused, Wanted, generate, play_lives
from tests.cases.api.calling import api
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in

UNTIL = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WANTED = Wanted(cases=200, partners=2 * FAMILY + 3, seed=7, days=150, jobs=1, until=UNTIL)
RECENT = replace(WANTED, cases=30, seed=8, days=2)  # most of which go on
ALL = WANTED.cases + RECENT.cases
# Playing all takes ten seconds: the run on PostgreSQL does (test_generate_fast.py).
SOME = {"solved", "solved_lately", "urgent", "declined_once", "silence", "advice", "taken_back", "duplicate", "erased"}
SOME |= {"new", "proposed", "offered", "accepted", "in_service", "asked", "unrouted"}
# Every job of the timetable that looks at cases: at the moment of looking there is nothing that it has not done.
SWEEPS: tuple[Callable[..., Any], ...] = (
    take_up_waiting,
    watch_clocks,
    expire_due,
    remind_partners,
    escalate_alarms,
    remind_due,
    end_access,
    remind_of_erasures,
    compare_waiting,
    give_back_waiting,
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_generated_cases_are_whole_and_the_system_works_on_them(settings: Any) -> None:
    """One test, because playing the lives takes seconds. The larger half of its time."""
    settings.SECOND_FACTOR_REQUIRED = False
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns where nothing was collected
    played = play_lives(WANTED, [life for life in LIVES if life.name in SOME])
    told = [generate(wanted, say=print, played=played) for wanted in (WANTED, RECENT)]
    assert [(one.made, one.there) for one in told] == [(200, 0), (30, 0)]
    again = generate(WANTED, say=print)
    assert (again.made, again.there) == (0, 200), "the same seed makes nothing twice"
    assert Case.objects.count() == Report.objects.count() == ALL
    assert not User.objects.filter(email__startswith="stage.").exists(), "what was played is taken back"
    assert append_only.unguarded(connection) == []
    connection.check_constraints()
    _all_states_are_there()
    _chains_and_feeds_are_whole()
    _sweeps_find_nothing_left_to_do()
    _clocks_are_those_of_the_rules()
    _content_opens()
    _messages_were_sent()
    _pages_and_lists_show_them()
    _an_open_case_goes_on()


@pytest.mark.django_db
def test_it_is_refused_beside_real_people(settings: Any) -> None:
    person = staff()
    with pytest.raises(GenerateRefused, match="real accounts"):
        generate(WANTED, say=print)
    person.delete()
    with pytest.raises(GenerateRefused, match="no reference data"):
        generate(WANTED, say=print)
    settings.DEMO = settings.TESTING = False
    with pytest.raises(CommandError, match="KORPU_DEMO"):
        call_command("generate", cases=1)
    assert not Case.objects.exists() and not User.objects.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"cases": 0},
        {"partners": 9},
        {"days": 0},
        {"days": 1001},
        {"jobs": 0},
        {"until": "soon"},
        {"until": "2026-11-24"},
        {"until": "0001-01-01T00:00:00+00:00"},
        {"until": "9999-12-31T00:00:00+00:00"},
        {"seed": -1},
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("generate", **({"cases": 1} | options))


def _all_states_are_there() -> None:
    states = Counter(Case.objects.values_list("state", flat=True))
    assert states.most_common(1)[0][0] == CaseState.CLOSED
    assert set(states) >= {"triage", "offered", "accepted", "in_progress", "duplicate", "withdrawn"}, states
    referrals = Counter(Referral.objects.values_list("state", flat=True))
    assert set(referrals) >= {"completed", "declined", "expired", "withdrawn", "in_service", "offered"}, referrals
    assert not Case.objects.filter(received_at__gt=UNTIL).exists()
    load = loads(list(PartnerOrganisation.objects.values_list("pk", flat=True)))
    assert all(load.get(row.pk, 0) <= row.capacity for row in PartnerOrganisation.objects.defer("phone"))


def _chains_and_feeds_are_whole() -> None:
    seen = Seen()
    assert list(broken_timelines(seen)) == []
    assert seen.cases == ALL and seen.events > 1000
    assert anchor_timelines(now=UNTIL + timedelta(days=1)) is not None
    assert list(broken_anchors(seen)) == []
    assert number_waiting() == 0
    for head in FeedHead.objects.all():
        numbers = PartnerChange.objects.filter(partner=head.partner_id).order_by("pk").values_list("number", flat=True)
        assert list(numbers) == list(range(1, head.last_number + 1))


def _sweeps_find_nothing_left_to_do() -> None:
    assert {sweep.__name__: sweep(now=UNTIL) for sweep in SWEEPS} == {sweep.__name__: 0 for sweep in SWEEPS}
    assert erase_due(now=UNTIL).reports == 0
    assert not IntakeEvent.objects.filter(taken_up_at__isnull=True).exists()
    assert not CaseLink.objects.exists()


def _clocks_are_those_of_the_rules() -> None:
    """Where no pause moved them: a moved life keeps its clocks only where working hours let it."""
    for case in Case.objects.filter(pauses__isnull=True):
        hours = rule_book().clocks[case.computed_urgency].triage
        assert case.triage_due_at == due_at(case.received_at, hours, case.computed_urgency, side_calendar(case.side))
    for referral in Referral.objects.filter(case__pauses__isnull=True).select_related("partner"):
        calendar = partner_calendar(referral.partner)
        clocks = rule_book().clocks[referral.urgency]
        assert referral.answer_due_at == due_at(referral.offered_at, clocks.answer, referral.urgency, calendar)
        if referral.contact_due_at and referral.answered_at:
            due = due_at(referral.answered_at, clocks.contact, referral.urgency, calendar)
            assert referral.contact_due_at == due


def _content_opens() -> None:
    stories, erased = set(), 0
    for report in Report.objects.all():
        row = ReportKey.objects.filter(pk=report.pk).first()
        if row is None:
            erased += 1
            assert report.erased_at and report.story is None
            continue
        key = row.open()
        stories.add(report.unseal(key, "story"))
        assert len(report.unseal(key, "identity")["name"].split()) == 2
        for contact in report.contacts.all():
            value = contact.unseal(key, "value")
            assert value.endswith("@example.org") or re.fullmatch(r"\+(7000|99400)\d{7}", value)
            assert BlindIndex.objects.filter(report=report).exists()
        assert earlier_reports(report, within=timedelta(days=30)) == 0, "nobody's number is somebody else's"
    assert len(stories) > 100 and erased < 20
    marks = ("MARK", "Nişan", "@@")
    assert not any(mark in story for story in stories for mark in marks)


def _messages_were_sent() -> None:
    assert not OutboxMessage.objects.exclude(state=OutboxMessage.State.SENT).exists()
    attempts = OutboxMessage.objects.aggregate(all=Sum("attempts"))["all"]
    assert Delivery.objects.count() == attempts > OutboxMessage.objects.count(), "some at the second try"
    assert not OutboxMessage.objects.filter(finished_at__gt=UNTIL + timedelta(minutes=5)).exists()
    late = OutboxMessage.objects.filter(finished_at__lt=F("created_at"))
    assert not late.exists()


def _pages_and_lists_show_them() -> None:
    case = Case.objects.filter(state=CaseState.IN_PROGRESS, referrals__isnull=False).first()
    assert case is not None and case.responsible is not None
    client = signed_in(case.responsible)
    for tab in ("open", "mine", "unrouted", "overdue"):
        assert client.get(f"/console/queue/?tab={tab}").status_code == 200
    page = client.get(f"/console/cases/{case.reference}/")
    assert page.status_code == 200
    key = ReportKey.of(case.report_id)
    assert Report.objects.get(pk=case.report_id).unseal(key, "story") in page.content.decode()
    member = User.objects.create(
        email="generated.member@example.org", name="(demo)", side="AZ", roles=["working_group_member"], is_demo=True
    )
    member.directions = [1, 2, 3, 4]
    member.save()
    assert signed_in(member).get("/console/figures/").status_code == 200
    _partners_lists_show_them()


def _partners_lists_show_them() -> None:
    referral = Referral.objects.filter(state=ReferralState.IN_SERVICE).select_related("partner", "case")[0]
    partner = api(referral.partner, ("referrals:read", "cases:read"))
    rows = partner.get("referrals/?state=in_service").json()["results"]
    assert str(referral.pk) in {row["id"] for row in rows}
    assert partner.get(f"cases/{referral.case.reference}/").status_code == 200
    assert partner.get("changes/").json()["results"]


def _an_open_case_goes_on() -> None:
    """Everything that is left to do of one, by the real actions."""
    case = Case.objects.filter(state=CaseState.TRIAGE, triaged_at__isnull=True, language__in=["az", "ru"])[0]
    now = UNTIL + timedelta(minutes=1)
    people = User.objects.filter(side=case.side, is_demo=True).order_by("email")
    by = Actor("staff", next(user.pk for user in people if "caseworker" in user.roles))
    take_case(case_id=case.pk, user_id=by.ref, by=by, now=now)
    about = {"category": case.category_id, "subcode": case.subcode, "urgency": case.urgency}
    confirm_triage(case_id=case.pk, next_step="route", by=by, now=now, **about)
    route_case(case_id=case.pk, now=now)
    decision = RoutingDecision.objects.get(case=case)
    offer_case(case_id=case.pk, partner_ids=[UUID(decision.chosen[0])], decision_id=decision.pk, by=by, now=now)
    referral = Referral.objects.get(case=case)
    partner = Actor("partner", referral.partner_id)
    accept_referral(referral_id=referral.pk, partner_id=referral.partner_id, by=partner, now=now)
    record_contact(referral_id=referral.pk, at=now, channel="phone", reached="yes", by=partner, now=now)
    progress_referral(referral_id=referral.pk, note="x", by=partner, now=now)
    complete_referral(referral_id=referral.pk, outcome="resolved_full", summary="x", by=partner, now=now)
    close_case(case_id=case.pk, outcome="resolved_full", by=by, now=now)
    for proposal in ClosingProposal.objects.waiting().filter(case=case):
        supervisor = next(user.pk for user in people if "supervisor" in user.roles)
        approve_closing(proposal_id=proposal.pk, by=Actor("staff", supervisor), now=now)
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert list(broken_timelines(Seen(), reference=case.reference)) == []
    assert wake_all(now=UNTIL) >= 0
