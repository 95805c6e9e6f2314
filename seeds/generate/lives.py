"""Lives that have ended. Each is one story of acts, told in days and hours since the report."""

from datetime import timedelta
from uuid import UUID

from cases.actions.end_case import resolve_case
from cases.actions.follow_ups import add_follow_up, finish_follow_up
from cases.actions.log_attempt import log_attempt
from cases.actions.merge_cases import merge_cases
from cases.actions.record import Actor
from cases.actions.return_referral import return_referral
from cases.actions.transfer_referral import transfer_referral
from cases.models import RoutingDecision
from cases.workflow import ReferralState
from intake.actions.change_consent import answer_consent_request
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.models import ConsentRequest
from intake.vocabulary import ErasedBecause

from .acts import Life, conversation, helped, offered, told_to_erase, write
from .facts import Facts, with_answers
from .stage import Stage


# --- the lives --------------------------------------------------------------------------------------------------------
def _solved(s: Stage) -> None:
    offered(s)
    helped(s, 1)
    told_to_erase(s, 1)


def _solved_with_words(s: Stage) -> None:
    offered(s)
    conversation(s, 0, 6)
    helped(s, 2, "resolved_partial")
    told_to_erase(s, 2)


def _solved_lately(s: Stage) -> None:
    offered(s)
    helped(s, 1)


def _urgent(s: Stage) -> None:
    """Offered to two by policy, before anybody looked; the first to accept wins."""
    s.route()
    s.go(minutes=9)
    s.triage()
    s.go(minutes=50)
    s.accept()
    s.go(hours=3)
    s.contact()
    s.go(hours=20)
    s.progress()
    s.go(6)
    s.complete("resolved_full")
    s.go(7)
    s.close("resolved_full")
    s.go(36, hours=14)
    s.end_access()


def _declined_once(s: Stage) -> None:
    offered(s)
    s.go(hours=5)
    s.decline("out_of_mandate")
    helped(s, 0.5, "resolved_partial")
    told_to_erase(s, 1)


def _silence(s: Stage) -> None:
    """Nobody answers: reminded twice, expired, and the next of the three is asked."""
    offered(s)
    s.go(3)
    helped(s, 4)
    told_to_erase(s, 4)


def _advice(s: Stage) -> None:
    """The person wants nothing passed on: our own people do the work."""
    s.go(hours=3)
    s.triage("in_progress")
    case = s.case()
    local = (s.now + timedelta(days=1)).replace(tzinfo=None)
    row = add_follow_up(case_id=case.pk, text="Zəng etmək (nümunə)", local=local, by=s.person(case), now=s.now)
    s.go(hours=6)
    finish_follow_up(follow_up_id=row.pk, is_done=True, by=s.person(case), now=s.now)
    write(s)
    _resolve_and_close(s, 2, "advice_given")


def _resolve_and_close(s: Stage, day: float, outcome: str) -> None:
    s.go(day)
    resolve_case(case_id=s.case().pk, outcome=outcome, by=s.person(s.case()), now=s.now)
    s.post()
    s.go(day + 1)
    s.close(outcome)


def _out_of_scope(s: Stage) -> None:
    s.go(hours=4)
    write(s)
    s.triage("out_of_scope")
    s.go(1)
    s.close("out_of_scope")


def _taken_back(s: Stage) -> None:
    offered(s)
    s.go(hours=9)
    withdraw_report(report_id=s.reports[0], now=s.now)
    s.take_up()


def _duplicate(s: Stage) -> None:
    """A second report of the same thing, two hours later: joined to the first, which is worked on."""
    s.go(hours=1)
    s.another_report()
    offered(s)
    s.go(hours=4)
    first, second = s.cases()
    merge_cases(case_id=second.pk, into_id=first.pk, by=s.person(first), now=s.now)
    s.post()
    helped(s, 1)
    told_to_erase(s, 1)


def _lost_contact(s: Stage) -> None:
    s.go(hours=2)
    s.triage("in_progress")
    for day in (1, 2, 3):
        s.go(day, hours=2)
        log_attempt(case_id=s.case().pk, channel="phone", result="no_answer", by=s.person(s.case()), now=s.now)
    _resolve_and_close(s, 4, "lost_contact")


def _given_back(s: Stage) -> None:
    """The partner gives it back after having spoken with the person; another one takes it in the same round."""
    offered(s)
    s.go(1)
    s.accept()
    s.go(1, hours=3)
    s.contact()
    s.go(1, hours=5)
    referral = s.referral(ReferralState.CONTACTED)
    by = Actor("partner", referral.partner_id)
    return_referral(referral_id=referral.pk, reason="language", note="Dil yoxdur (nümunə).", by=by, now=s.now)
    s.post()
    s.route()
    s.go(1, hours=6)
    s.confirm_erasures()
    helped(s, 2)
    told_to_erase(s, 2)


def _passed_on(s: Stage) -> None:
    """Transferred to another partner, which has to accept it first."""
    offered(s)
    s.go(1)
    s.accept()
    s.go(1, hours=3)
    s.contact()
    s.go(1, hours=5)
    referral = s.referral(ReferralState.CONTACTED)
    ranked = RoutingDecision.objects.filter(case=referral.case_id).order_by("-at")[0].ranked
    other = next(UUID(row["partner"]) for row in ranked if UUID(row["partner"]) != referral.partner_id)
    words = "Daha yaxındır (nümunə)."
    transfer_referral(referral_id=referral.pk, partner_id=other, reason=words, by=s.person(s.case()), now=s.now)
    s.post()
    s.go(2)
    s.accept()
    s.go(2, hours=1)
    s.confirm_erasures()
    s.go(2, hours=3)
    s.contact()
    s.go(3)
    s.progress()
    s.go(9)
    s.complete("resolved_full")
    s.go(10)
    s.close("resolved_full")
    s.go(39, hours=14)
    s.end_access()


def _erased(s: Stage) -> None:
    _advice(s)
    s.go(5)
    erase_report(report_id=s.reports[0], because=ErasedBecause.REPORTER, now=s.now)
    s.take_up()


def answer_yes(s: Stage) -> None:
    request = ConsentRequest.objects.get(report=s.reports[0], answered_at__isnull=True)
    answer_consent_request(report_id=request.report_id, request_id=request.pk, answer="yes", now=s.now)
    s.take_up()


def _asked_first(s: Stage) -> None:
    offered(s)
    s.go(1)
    s.accept()
    s.go(1, hours=5)
    answer_yes(s)
    s.go(2)
    s.contact()
    s.go(3)
    s.progress()
    s.go(9)
    s.complete("resolved_full")
    s.go(10)
    s.close("resolved_full")
    s.go(39, hours=14)
    s.end_access()


def _nobody(s: Stage) -> None:
    """No partner speaks the language: our own people find the way."""
    s.go(hours=2)
    s.triage()
    s.go(1)
    s.triage("in_progress")
    _resolve_and_close(s, 3, "referred_on")


_OWN = Facts(share="none", contact="")
_DETAINED = Facts("DET", "POLICE", {"held": "yes", "held_where": "police", "child": "no"}, actor_kind="police")
_EVICTED = Facts("HOU", "EVICTION", contact="phone", actor_kind="landlord")
_PAPERS = Facts("DOC", "LOST", contact="", age_band="40_59")
_STAY = Facts("RES", "REGISTRATION", age_band="18_24")

ENDED: tuple[Life, ...] = (
    Life("solved", _solved, 17, 44),
    Life("solved_with_words", _solved_with_words, 12, 48, facts=_STAY, at=(2, 11)),
    Life("solved_lately", _solved_lately, 29, 10, slack=30, at=(0, 12)),
    Life("urgent", _urgent, 10, 42, facts=_DETAINED, at=(3, 15)),
    Life("declined_once", _declined_once, 9, 44, facts=_EVICTED, at=(0, 10)),
    Life("silence", _silence, 6, 50, facts=_PAPERS, at=(1, 11)),
    Life("advice", _advice, 14, 4, facts=_OWN, at=(1, 12)),
    Life("out_of_scope", _out_of_scope, 8, 2, facts=Facts("OTH", "OUTOFSCOPE", contact=""), at=(2, 10)),
    Life("taken_back", _taken_back, 5, 2, facts=_STAY, at=(2, 13)),
    Life("duplicate", _duplicate, 3, 44, facts=_STAY, at=(1, 13)),
    Life("lost_contact", _lost_contact, 5, 7, facts=Facts("SCM", "RENT", contact="phone", share="none"), at=(0, 11)),
    Life("given_back", _given_back, 4, 46, facts=Facts("WRK", "NOCONTRACT", actor_kind="employer"), at=(0, 13)),
    Life("passed_on", _passed_on, 3, 46, facts=_PAPERS, at=(0, 14)),
    Life("erased", _erased, 2, 8, facts=Facts(share="none"), at=(1, 14)),
    Life("asked_first", _asked_first, 9, 46, facts=Facts("EDU", "ADMISSION", share="ask_first"), at=(0, 15)),
    Life("nobody", _nobody, 4, 5, facts=Facts("CIV", "MARRIAGE", language="lez", contact=""), at=(1, 15)),
    Life("with_child", _solved, 5, 44, facts=with_answers(_STAY, child="yes"), at=(2, 14)),
)
