"""Makes the demo: people and partners as rows, reports through the same actions as real ones, day by day."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings

from cases import receivers
from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.assign import take_case
from cases.actions.expire import expire_due
from cases.actions.offer import offer_case
from cases.actions.record import Actor
from cases.actions.route_case import route_case
from cases.actions.take_up import take_up_report_events
from cases.actions.triage import confirm_triage
from cases.errors import DomainError
from cases.models import Case, Referral, RoutingDecision, User
from cases.workflow import CaseState, ReferralState
from intake.actions.change_consent import answer_consent_request
from intake.actions.submit_report import submit_report
from intake.models import ConsentRequest
from intake.signals import intake_event

from .entries import entry_of
from .partners import demo_secret, make_partners
from .people import make_staff
from .source import SHOWCASE_PARTNER, read
from .variations import varied_reports

# How many days ago: mostly inside the clocks, so that a visitor finds cases that can still be in time.
URGENT, GRAVE, OTHERS = (0.02, 0.3), (0.1, 1.3), (0.3, 5.0)
LONG_AGO = 5.0  # days; hand-written reports from before are drawn nearer
LEFT_OPEN = timedelta(hours=20)
Act = Callable[[datetime], None]


class DemoRefused(Exception):
    """Demo data never stand beside real people's."""


def demo_code() -> str:
    """The receipt code of the first demo report, printed on the start card."""
    return str(int(demo_secret("receipt code"), 16) % 10**20).zfill(20)


def make_demo(*, now: datetime) -> None:
    """Raises DemoRefused outside demo mode and where there are reports already."""
    if not settings.DEMO and not settings.TESTING:
        raise DemoRefused("KORPU_DEMO is not set: this place is for real people.")
    if Case.objects.exists() or User.objects.filter(is_demo=False).exists():
        raise DemoRefused("There are reports or real accounts here already.")
    make_staff(now=now)
    make_partners(now=now)
    with hand_over_by_hand():
        Story(now=now).tell()


@contextmanager
def hand_over_by_hand() -> Iterator[None]:
    """The demo's reports are taken up at their own moments in the past, not at the moment of making them."""
    intake_event.disconnect(dispatch_uid=receivers.UID)
    try:
        yield
    finally:
        receivers.connect()


class Story:
    """What happened in the last weeks, in the order of time: a queue of moments, each one act of somebody."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.rng = random.Random(2013)
        self.acts: list[tuple[datetime, int, Act]] = []
        self.order = itertools.count()
        self.watched: set[UUID] = set()
        self.staff = {
            side: [user for user in User.objects.filter(side=side).order_by("email") if "caseworker" in user.roles]
            for side in ("AZ", "RU")
        }

    def tell(self) -> None:
        for number, row in enumerate([*read("reports"), *varied_reports()]):
            at = self.now - timedelta(days=self._days_ago(row))
            self.plan(at, partial(self.report, row, number))
        while self.acts:
            at, _order, act = heapq.heappop(self.acts)
            expire_due(now=at)
            act(at)
        expire_due(now=self.now)

    def plan(self, at: datetime, act: Act) -> None:
        if at <= self.now:
            heapq.heappush(self.acts, (at, next(self.order), act))

    def later(self, at: datetime, *, hours: tuple[float, float], act: Act) -> None:
        self.plan(at + timedelta(hours=self.rng.uniform(*hours)), act)

    def report(self, row: dict[str, Any], number: int, at: datetime) -> None:
        code = demo_code() if number == 0 else None
        taken_by = self.staff["RU" if row["handler"] == "RU" else "AZ"][0].pk
        entry = entry_of(row, at=at, code=code, key=f"demo-{number}", taken_by=taken_by)
        submitted = submit_report(entry=entry, now=at)
        take_up_report_events(report_id=submitted.report_id, now=at + timedelta(seconds=1))
        case = Case.objects.get(report_id=submitted.report_id)
        self.plan(at + timedelta(seconds=5), lambda at: self.route(case.pk, at))
        if self.rng.random() < 0.9:
            hours = (0.05, 0.6) if case.urgency == 1 else (0.5, 3.0) if case.urgency == 2 else (2.0, 20.0)
            self.later(at, hours=hours, act=lambda at: self.triage(case.pk, at))

    def triage(self, case_id: UUID, at: datetime) -> None:
        case = Case.objects.get(pk=case_id)
        if case.triaged_at or case.state in {CaseState.WITHDRAWN, CaseState.CLOSED}:
            return
        person = self.rng.choice(self.staff[case.side])
        by = Actor("staff", person.pk)
        with tolerated():
            take_case(case_id=case_id, user_id=person.pk, by=by, now=at)
            confirm_triage(
                case_id=case_id,
                category=case.category_id,
                subcode=case.subcode,
                urgency=case.urgency,
                next_step="in_progress" if case.share == "none" else "route",
                by=by,
                now=at,
            )
        self.plan(at + timedelta(seconds=5), lambda at: self.route(case_id, at))

    def route(self, case_id: UUID, at: datetime) -> None:
        if not Case.objects.filter(pk=case_id, routing_wanted_at__isnull=False).exists():
            return self._watch(case_id, at)
        route_case(case_id=case_id, now=at)
        case = Case.objects.get(pk=case_id)
        if case.state != CaseState.OFFERED and case.responsible_id and self.rng.random() < 0.85:
            self.later(at, hours=(0.1, 2.0), act=lambda at: self.offer(case_id, at))
        return self._watch(case_id, at)

    def offer(self, case_id: UUID, at: datetime) -> None:
        """The caseworker takes the first proposal."""
        case = Case.objects.get(pk=case_id)
        decision = RoutingDecision.objects.filter(case=case, round=case.round).order_by("-at").first()
        if case.state == CaseState.OFFERED or decision is None or not decision.chosen:
            return
        with tolerated():
            offer_case(
                case_id=case_id,
                partner_ids=[UUID(str(decision.chosen[0]))],
                decision_id=decision.pk,
                by=Actor("staff", case.responsible_id),
                now=at,
            )
        self._watch(case_id, at)

    def _watch(self, case_id: UUID, at: datetime) -> None:
        """Each open offer gets its answer, or none, in its own time."""
        for referral in Referral.objects.filter(case_id=case_id, state=ReferralState.OFFERED).select_related("partner"):
            if referral.pk in self.watched:
                continue
            self.watched.add(referral.pk)
            hours = (referral.answer_due_at - referral.offered_at).total_seconds() / 3600
            self.later(
                referral.offered_at,
                hours=(0.1 * hours, 0.8 * hours),
                act=partial(self.answer, referral),
            )
            self.plan(referral.answer_due_at + timedelta(minutes=1), lambda at: self.route(case_id, at))

    def answer(self, referral: Referral, at: datetime) -> None:
        if not Referral.objects.filter(pk=referral.pk, state=ReferralState.OFFERED).exists():
            return
        if referral.partner.slug == SHOWCASE_PARTNER and self.now - at < LEFT_OPEN:
            return  # for whoever tries the demo to answer
        by, luck = Actor("partner", referral.partner_id), self.rng.random()
        with tolerated():
            if luck < 0.76 or referral.partner.slug == SHOWCASE_PARTNER:
                accept_referral(referral_id=referral.pk, partner_id=referral.partner_id, by=by, now=at)
                self.later(at, hours=(1.0, 20.0), act=lambda at: self.consent(referral, at))
            elif luck < 0.9:
                reason = self.rng.choice(["out_of_mandate", "language", "insufficient_information", "out_of_area"])
                decline_referral(referral_id=referral.pk, partner_id=referral.partner_id, reason=reason, by=by, now=at)
        self.plan(at + timedelta(seconds=10), lambda at: self.route(referral.case_id, at))

    def consent(self, referral: Referral, at: datetime) -> None:
        """A person who wanted to be asked first answers on their page."""
        request = ConsentRequest.objects.filter(
            report_id=referral.case.report_id, answered_at__isnull=True, closed_at__isnull=True
        ).first()
        if request is None:
            return
        answer = "yes" if self.rng.random() < 0.85 else "no"
        answer_consent_request(report_id=request.report_id, request_id=request.pk, answer=answer, now=at)
        take_up_report_events(report_id=request.report_id, now=at + timedelta(seconds=1))
        self.plan(at + timedelta(seconds=10), lambda at: self.route(referral.case_id, at))

    def _days_ago(self, row: dict[str, Any]) -> float:
        """Urgent reports are fresh, others lie further back."""
        if row["days_ago"] is not None:
            return min(float(row["days_ago"]), LONG_AGO + float(row["days_ago"]) / 20)
        answers = row["answers"]
        if answers.get("held") == "yes" or answers.get("harm_now") == "yes":
            return self.rng.uniform(*URGENT)
        return self.rng.uniform(*(GRAVE if row["category"] in {"DET", "EXP", "SAF"} else OTHERS))


def tolerated() -> AbstractContextManager[None]:
    """In life too somebody is quicker, or a place is gone: then this act does not happen."""
    return suppress(DomainError)
