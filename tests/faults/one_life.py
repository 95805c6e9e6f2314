"""One random life of a case: a world of its own, and everything that can be done to it.

A move of its own is one row of `MOVES`: what is done to a case whatever its state, where a refusal is a right answer.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.actions.add_note import add_note
from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.assign import take_case, unassign_case
from cases.actions.complete_referral import complete_referral
from cases.actions.decide_approval import approve, refuse
from cases.actions.decide_closing import approve_closing, send_back_closing
from cases.actions.end_case import close_case, resolve_case
from cases.actions.expire import expire_due
from cases.actions.follow_ups import add_follow_up, finish_follow_up, move_follow_up, remind_due
from cases.actions.give_back import BY_HAND, give_back_waiting, unmerge_case
from cases.actions.keep_dates import enter_date
from cases.actions.log_attempt import log_attempt
from cases.actions.merge_cases import merge_cases
from cases.actions.new_round import new_round
from cases.actions.offer import offer_case
from cases.actions.pause_clocks import STAFF_REASONS, go_on, look_again_later, wait_for_reporter
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.actions.reopen import leave_ended, reopen_case
from cases.actions.return_referral import return_referral
from cases.actions.review import review_case
from cases.actions.route_case import propose, route_waiting
from cases.actions.take_up import take_up_report_events
from cases.actions.transfer_case import ask_transfer
from cases.actions.transfer_referral import transfer_referral
from cases.actions.triage import NEXT_STEPS, confirm_triage
from cases.actions.watch_clocks import watch_clocks
from cases.actions.withdraw_referral import withdraw_referral
from cases.models import (
    ApprovalRequest,
    Case,
    ClosingProposal,
    FollowUp,
    Merge,
    PartnerOrganisation,
    Referral,
    User,
)
from cases.workflow import (
    LOAD,
    DateKind,
    DeclineReason,
    Outcome,
    Reached,
    ReferralState,
    ReopenReason,
    TransferReason,
)
from intake.actions.change_consent import answer_consent_request, change_consent, stop_sharing
from intake.actions.correct_report import correct_report
from intake.actions.entry import ConsentEntry, ContactEntry
from intake.actions.erase_report import erase_report
from intake.actions.messages import mark_read, post_message
from intake.actions.withdraw_report import withdraw_report
from intake.queries import open_consent_requests
from tests.cases.arrange import SHARED, acting, opened, staff
from tests.cases.routing_world import make_partner

ASK_FIRST = ConsentEntry(
    share="ask_first", cross_border="yes", groups=frozenset({"identity", "contact"}), text_version=1
)
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class World:
    """One case with its people and partners, and a clock that only goes forward."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = START
        self.people = {
            (role, side): staff(role, side) for role in ("caseworker", "supervisor") for side in ("AZ", "RU")
        }
        for number in range(2):
            make_partner(f"p{number}", categories=("DET", "WRK"), capacity=1)
        category = self.dice.choice(["DET", "WRK"])
        contact = ContactEntry(method="phone", value="+7 900 555 12 34", timezone="Europe/Moscow")
        consent = self.dice.choice([SHARED, ASK_FIRST])
        said: dict[str, Any] = {"category": category, "subcode": "", "consent": consent, "contact": contact}
        self.case_id, self.other_id = opened(self.now, **said).pk, opened(self.now, **said).pk

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.case_id)

    @property
    def report_id(self) -> Any:
        return self.case.report_id

    def one(self, values: Any) -> Any:
        return self.dice.choice(sorted(values))

    def person(self, role: str) -> User:
        """Of the side that has the case now."""
        return self.people[role, self.case.side]

    def who(self, role: str = "caseworker") -> dict[str, Any]:
        return {"by": acting(self.person(role)), "now": self.now}

    def partner_or_staff(self, row: Referral) -> dict[str, Any]:
        """A partner says it itself, or tells a caseworker."""
        return {"by": Actor("partner", row.partner_id), "now": self.now} if self.dice.random() < 0.7 else self.who()

    def first(self, rows: Any) -> Any:
        found = rows.order_by("pk").first()
        if found is None:
            raise Nothing
        return found

    def referral(self, *states: str) -> Referral:
        found = list(Referral.objects.filter(case=self.case_id, state__in=states).order_by("pk"))
        if not found:
            raise Nothing
        return self.dice.choice(found)

    def proposal(self) -> ClosingProposal:
        found = ClosingProposal.objects.waiting().filter(case=self.case_id).first()
        if found is None:
            raise Nothing
        return found

    def take_up(self) -> None:
        take_up_report_events(report_id=self.report_id, now=self.now)


class Nothing(Exception):
    """What the move is about is not there."""


def triage(w: World) -> None:
    case, step = w.case, w.one(NEXT_STEPS)
    urgency = w.dice.choice([case.urgency, case.urgency, 1])
    kind = {"category": case.category_id, "subcode": case.subcode, "urgency": urgency}
    confirm_triage(case_id=w.case_id, next_step=step, **kind, **w.who())


def answer(w: World, does_accept: bool) -> None:
    row = w.referral("offered")
    who: dict[str, Any] = {"referral_id": row.pk, "partner_id": row.partner_id, "now": w.now}
    who["by"] = Actor("partner", row.partner_id)
    if does_accept:
        accept_referral(**who)
    else:
        decline_referral(reason="out_of_mandate", **who)


def offer(w: World) -> None:
    offer_case(case_id=w.case_id, partner_ids=[a_partner(w).pk], reason="It fits", **w.who("supervisor"))


def a_partner(w: World) -> PartnerOrganisation:
    return w.dice.choice(list(PartnerOrganisation.objects.filter(is_active=True).order_by("pk")))


# --- the partner that has it


def contacted(w: World) -> None:
    row = w.referral(*ReferralState.values)
    said: dict[str, Any] = {"channel": "phone", "reached": w.one(Reached.values), "at": w.now}
    record_contact(referral_id=row.pk, **said, **w.partner_or_staff(row))


def progress(w: World) -> None:
    row = w.referral(*ReferralState.values)
    progress_referral(referral_id=row.pk, next_step="We go to the court", **w.partner_or_staff(row))


def complete(w: World) -> None:
    row = w.referral(*ReferralState.values)
    complete_referral(referral_id=row.pk, outcome=w.one(Outcome.values), summary="", **w.partner_or_staff(row))


def give_back(w: World) -> None:
    row = w.referral(*ReferralState.values)
    return_referral(referral_id=row.pk, reason=w.one(DeclineReason.values), **w.partner_or_staff(row))


def hand_over(w: World) -> None:
    row = w.referral(*LOAD)
    transfer_referral(referral_id=row.pk, partner_id=a_partner(w).pk, reason="Nearer", **w.who())


def withdraw(w: World) -> None:
    withdraw_referral(referral_id=w.referral(*ReferralState.values).pk, reason="Too slow", **w.who())


# --- waiting, other cases, the other side


def pause(w: World) -> None:
    on = w.now.date() + timedelta(days=w.dice.choice([2, 20]))
    wait_for_reporter(case_id=w.case_id, reason=w.one(STAFF_REASONS), look_again_on=on, **w.who())


def look_later(w: World) -> None:
    look_again_later(case_id=w.case_id, look_again_on=w.now.date() + timedelta(days=5), **w.who())


def merge(w: World) -> None:
    pair = w.dice.choice([(w.case_id, w.other_id), (w.other_id, w.case_id)])
    merge_cases(case_id=pair[0], into_id=pair[1], **w.who())


def unmerge(w: World) -> None:
    found = w.first(Merge.objects.in_force().filter(case__in=(w.case_id, w.other_id)))
    unmerge_case(case_id=found.case_id, reason=w.one(BY_HAND), **w.who())


def approval(w: World) -> None:
    request = w.first(ApprovalRequest.objects.filter(case=w.case_id, state="open"))
    side = w.dice.choice(["AZ", "RU"])
    decide = refuse if w.dice.random() < 0.2 else approve
    decide(request_id=request.pk, by=acting(w.people["supervisor", side]), now=w.now)


def a_date(w: World) -> None:
    on = w.now.date() + timedelta(days=w.dice.choice([2, 9, 40]))
    enter_date(case_id=w.case_id, kind=w.one(DateKind.values), on=on, **w.who())


def answer_question(w: World) -> None:
    request = w.first(open_consent_requests(w.report_id))
    answer = w.dice.choice(["yes", "yes", "no"])
    answer_consent_request(report_id=w.report_id, request_id=request.pk, answer=answer, now=w.now)


def touch_follow_up(w: World) -> None:
    row = w.first(FollowUp.objects.open().filter(case=w.case_id))
    if w.dice.random() < 0.5:
        local = (w.now + timedelta(days=3)).replace(tzinfo=None)
        move_follow_up(follow_up_id=row.pk, local=local, **w.who())
    else:
        finish_follow_up(follow_up_id=row.pk, is_done=w.dice.random() < 0.5, **w.who())


def reporter(act: Callable[..., Any]) -> Callable[[World], None]:
    def move(w: World) -> None:
        act(w)
        w.take_up()

    return move


def wait(w: World) -> None:
    w.now += timedelta(hours=w.dice.choice([1, 30, 200]))
    expire_due(now=w.now)
    watch_clocks(now=w.now)
    remind_due(now=w.now)
    give_back_waiting(now=w.now)


def write(w: World) -> None:
    post_message(report_id=w.report_id, text="Are you there?", submission_key=str(w.now), now=w.now)


def say_anew(w: World) -> None:
    said = {w.one(["held", "harm", "need", "child"]): w.one(["yes", "no"])}
    correct_report(report_id=w.report_id, part="answers", content=said, submission_key=str(w.now), now=w.now)


def change_mind(w: World) -> None:
    consent = ConsentEntry(share=w.one(["any", "ask_first", "none"]), cross_border=w.one(["yes", "no"]), text_version=1)
    change_consent(report_id=w.report_id, consent=consent, now=w.now)


def follow_up(w: World) -> None:
    local = (w.now + timedelta(days=2)).replace(tzinfo=None)
    add_follow_up(case_id=w.case_id, text="Look again", local=local, **w.who())


MOVES: dict[str, Callable[[World], Any]] = {
    "triage": triage,
    "route": lambda w: route_waiting(now=w.now),
    "propose": lambda w: propose(case_id=w.case_id, **w.who()),
    "offer": offer,
    "accept": lambda w: answer(w, True),
    "decline": lambda w: answer(w, False),
    "contacted": contacted,
    "progress": progress,
    "complete": complete,
    "return": give_back,
    "hand_over": hand_over,
    "withdraw": withdraw,
    "new_round": lambda w: new_round(case_id=w.case_id, reason="Again", **w.who()),
    "pause": pause,
    "go_on": lambda w: go_on(case_id=w.case_id, **w.who()),
    "look_later": look_later,
    "merge": merge,
    "unmerge": unmerge,
    "ask_transfer": lambda w: ask_transfer(
        case_id=w.case_id, reason_code=w.one(TransferReason.values), reason="Moved", **w.who()
    ),
    "approval": approval,
    "date": a_date,
    "touch_follow_up": touch_follow_up,
    "reporter_answers": reporter(answer_question),
    "wait": wait,
    "take": lambda w: take_case(case_id=w.case_id, user_id=w.person("caseworker").pk, **w.who("supervisor")),
    "unassign": lambda w: unassign_case(case_id=w.case_id, **w.who("supervisor")),
    "note": lambda w: add_note(case_id=w.case_id, text="Seen", **w.who()),
    "review": lambda w: review_case(case_id=w.case_id, **w.who()),
    "attempt": lambda w: log_attempt(case_id=w.case_id, channel="phone", result="no_answer", **w.who()),
    "follow_up": follow_up,
    "resolve": lambda w: resolve_case(case_id=w.case_id, outcome=w.one(Outcome.values), **w.who()),
    "close": lambda w: close_case(case_id=w.case_id, outcome=w.one(Outcome.values), **w.who()),
    "approve": lambda w: approve_closing(proposal_id=w.proposal().pk, **w.who("supervisor")),
    "send_back": lambda w: send_back_closing(proposal_id=w.proposal().pk, reason="No", **w.who("supervisor")),
    "reopen": lambda w: reopen_case(case_id=w.case_id, reason=w.one(ReopenReason.values), **w.who()),
    "leave_ended": lambda w: leave_ended(case_id=w.case_id, **w.who()),
    "reporter_writes": reporter(write),
    "reporter_says_anew": reporter(say_anew),
    "reporter_changes_consent": reporter(change_mind),
    "reporter_reads": lambda w: mark_read(report_id=w.report_id, until=w.now, now=w.now),
    "reporter_stops_sharing": reporter(lambda w: stop_sharing(report_id=w.report_id, now=w.now)),
    "reporter_withdraws": reporter(lambda w: withdraw_report(report_id=w.report_id, now=w.now)),
    "reporter_erases": reporter(lambda w: erase_report(report_id=w.report_id, because="reporter", now=w.now)),
}
# The last ones end nearly everything: they are drawn seldom, so that lives are long.
WEIGHTS = [1 if name in {"reporter_erases", "reporter_withdraws", "reporter_stops_sharing"} else 6 for name in MOVES]
