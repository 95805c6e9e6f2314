"""Where each kind of life is played once: by the real actions, in a transaction that is taken back afterwards.

What a generated case is made of is therefore what the actions leave behind, whatever they come to write. The sweeps run
at every moment at which a clock would have called them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.assign import take_case
from cases.actions.complete_referral import complete_referral, end_access
from cases.actions.confirm_erasure import confirm_erasure
from cases.actions.decide_closing import approve_closing
from cases.actions.end_case import close_case
from cases.actions.offer import offer_case
from cases.actions.open_file import open_file, open_personal_data
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.actions.route_case import route_case
from cases.actions.suggest_links import compare_waiting
from cases.actions.take_up import take_up_report_events
from cases.actions.triage import confirm_triage
from cases.models import (
    Case,
    ClosingProposal,
    DutyShift,
    OutboxMessage,
    PartnerOrganisation,
    Referral,
    RoutingDecision,
    User,
)
from cases.models.user import Role
from cases.queries.remembered import forget_reference
from cases.workflow import ReferralState
from intake.actions.submit_report import ReportEntry, submit_report
from intake.models import PartnerErasure
from seeds.demo.build import hand_over_by_hand

from .calls import MOMENT, Call, calls_of
from .facts import Facts, Marks, entry_of, marks_of
from .network import FAMILY, Network, make_network
from .post import send

_AWAY = 5  # one of so many webhooks does not answer at first


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside was never there. The actions open their own transactions: here they are savepoints."""
    if connection.in_atomic_block:  # a test's
        savepoint = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(savepoint)
            forget_reference()
        return
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        yield
    finally:
        connection.rollback()
        connection.set_autocommit(True)
        forget_reference()


@dataclass
class Stage:
    """`now` moves on within a life; `until` is the moment at which every life is looked at."""

    until: datetime
    network: Network
    now: datetime = field(init=False)
    start: datetime = field(init=False)
    reports: list[UUID] = field(default_factory=list)  # of the life that is being played
    entries: list[ReportEntry] = field(default_factory=list)
    marks: list[Marks] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    side: str = ""
    _told: int = 0  # reports on this stage so far
    _hooks: int = 0  # and calls of webhooks

    def __post_init__(self) -> None:
        self.now = self.start = self.until

    # --- time ---------------------------------------------------------------------------------------------------------
    def begin(self, facts: Facts, side: str, start: datetime) -> None:
        """The first report of a new life."""
        self.start = self.now = start
        self.facts, self.side = facts, side
        self.reports, self.entries, self.marks = [], [], []
        self.another_report()

    def go(self, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """On to so long after the start of this life, and never beyond `until`."""
        then = self.start + timedelta(days=days, hours=hours, minutes=minutes)
        if not self.now <= then <= self.until:
            raise ValueError("a life goes on in order and does not leave its time")
        self._sweep_until(then)
        self.now = then

    def _sweep_until(self, then: datetime) -> None:
        while coming := [call for call in self.calls() if self.now < call.at <= then]:
            self.now = min(call.at for call in coming)
            for job in {call.job for call in coming if call.at == self.now}:
                job(now=self.now)
            self.route()

    def calls(self) -> list[Call]:
        """Moments at which a sweep has something to do in this life, as its rows stand now."""
        return calls_of(self.reports)

    # --- who acts -----------------------------------------------------------------------------------------------------
    def person(self, case: Case, role: str = Role.CASEWORKER, number: int = 1) -> Actor:
        return Actor("staff", UUID(self.network.staff[case.side][role][number]))

    def cases(self) -> list[Case]:
        return list(Case.objects.filter(report__in=self.reports).order_by("received_at"))

    def case(self) -> Case:
        return Case.objects.get(report=self.reports[0])

    def referral(self, *states: str) -> Referral:
        rows = Referral.objects.filter(case__report=self.reports[0], state__in=states or [ReferralState.OFFERED])
        return rows.select_related("partner").order_by("offered_at", "pk")[0]

    # --- acts ---------------------------------------------------------------------------------------------------------
    def another_report(self) -> None:
        country = "RU" if self.side == "AZ" else "AZ"
        marks = marks_of(self._told, country, self.facts.contact)
        entry = entry_of(self.facts, marks, side=self.side, key=f"stage-{self._told}")
        self._told += 1
        self.reports.append(submit_report(entry=entry, now=self.now).report_id)
        self.entries.append(entry)
        self.marks.append(marks)
        self.take_up(-1)
        compare_waiting(now=self.now + MOMENT)
        self.post()

    def take_up(self, report: int = 0) -> None:
        take_up_report_events(report_id=self.reports[report], now=self.now + MOMENT)
        self.post()

    def open(self) -> None:
        case, by = self.case(), self.person(self.case())
        open_file(case=case, by=by, now=self.now)
        open_personal_data(case_id=case.pk, by=by, now=self.now)

    def take(self) -> None:
        case = self.case()
        by = self.person(case)
        if case.responsible_id is None:
            take_case(case_id=case.pk, user_id=_ref(by), by=by, now=self.now)

    def triage(self, next_step: str = "route") -> None:
        self.open()
        self.take()
        case = self.case()
        confirm_triage(
            case_id=case.pk,
            category=case.category_id,
            subcode=case.subcode,
            urgency=case.urgency,
            next_step=next_step,
            by=self.person(case),
            now=self.now,
        )
        self.route()

    def route(self) -> None:
        case = self.case()
        if case.routing_wanted_at is not None:
            route_case(case_id=case.pk, now=self.now + MOMENT)
        self.post()

    def offer(self) -> None:
        """The caseworker takes the first of the three."""
        case = self.case()
        decision = RoutingDecision.objects.filter(case=case).order_by("-at", "-pk")[0]
        offer_case(
            case_id=case.pk,
            partner_ids=[UUID(decision.chosen[0])],
            decision_id=decision.pk,
            by=self.person(case),
            now=self.now,
        )
        self.post()

    def accept(self) -> None:
        self._as_partner(accept_referral, self.referral())

    def decline(self, reason: str) -> None:
        self._as_partner(decline_referral, self.referral(), reason=reason, note="Bu, bizim sahəmiz deyil (nümunə).")
        self.route()

    def contact(self) -> None:
        at = self.now - timedelta(minutes=20)
        referral = self.referral(ReferralState.ACCEPTED)
        self._by_partner(record_contact, referral, at=at, channel="phone", reached="yes")

    def progress(self) -> None:
        referral = self.referral(ReferralState.CONTACTED, ReferralState.IN_SERVICE)
        words = {"note": "Sənədlər toplanır (nümunə).", "next_step": "Sabah sizinlə birgə gedəcəyik (nümunə)."}
        self._by_partner(progress_referral, referral, **words)

    def complete(self, outcome: str) -> None:
        referral = self.referral(ReferralState.IN_SERVICE)
        self._by_partner(complete_referral, referral, outcome=outcome, summary="Məsələ həll olundu (nümunə).")

    def close(self, outcome: str) -> None:
        """Where policy asks for a supervisor one approves, an hour later."""
        case = self.case()
        close_case(case_id=case.pk, outcome=outcome, words="Bağlanır (nümunə).", by=self.person(case), now=self.now)
        proposal = ClosingProposal.objects.waiting().filter(case=case).first()
        if proposal is not None:
            by = self.person(case, Role.SUPERVISOR, 0)
            approve_closing(proposal_id=proposal.pk, by=by, now=self.now + timedelta(hours=1))
        self.post()

    def end_access(self) -> None:
        end_access(now=self.now)
        self.post()
        self.confirm_erasures()

    def confirm_erasures(self) -> None:
        asked = PartnerErasure.objects.filter(report__in=self.reports, recorded_at__isnull=True)
        for referral_id, partner_id in Referral.objects.filter(pk__in=asked.values("referral_ref")).values_list(
            "pk", "partner"
        ):
            at = self.now + timedelta(minutes=40)
            by = Actor("partner", partner_id)
            confirm_erasure(referral_id=referral_id, partner_id=partner_id, confirmed_at=at, by=by, now=at)

    def _as_partner(self, act: Callable[..., Any], referral: Referral, **more: Any) -> None:
        by = Actor("partner", referral.partner_id)
        act(referral_id=referral.pk, partner_id=referral.partner_id, by=by, now=self.now, **more)
        self.post()

    def _by_partner(self, act: Callable[..., Any], referral: Referral, **more: Any) -> None:
        act(referral_id=referral.pk, by=Actor("partner", referral.partner_id), now=self.now, **more)
        self.post()

    def post(self) -> None:
        """Every message of this life that is due goes out, as workers/record.py leaves it; a few at the second try."""
        due = OutboxMessage.objects.filter(case__report__in=self.reports, state=OutboxMessage.State.DUE)
        for message in due.order_by("pk"):
            is_hook = message.channel == OutboxMessage.Channel.WEBHOOK
            self._hooks += is_hook
            send(message, was_away=is_hook and self._hooks % _AWAY == 0)


@contextmanager
def set_up(*, until: datetime) -> Iterator[Stage]:
    """A stage with partners and staff of its own: whoever else is there has no part in what is played."""
    with hand_over_by_hand(), taken_back():
        PartnerOrganisation.objects.filter(is_active=True).update(is_active=False)
        User.objects.filter(is_active=True).update(is_active=False)
        DutyShift.objects.all().delete()
        Case.objects.filter(compared_at__isnull=True).update(compared_at=until)
        yield Stage(until, make_network(partners=FAMILY, now=until, prefix="stage"))


def _ref(actor: Actor) -> UUID:
    if actor.ref is None:
        raise ValueError("staff act under their own name")
    return actor.ref
