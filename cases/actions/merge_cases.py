"""Merges a case into another one: one is worked on, both people keep their own report, consent and page."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.case_pair import Pair, locked_pair
from cases.actions.case_row import move
from cases.actions.decide_closing import end_proposals_step
from cases.actions.record import Actor, Event, record_events
from cases.actions.withdraw_referrals import withdraw_referrals_step, withdrawn_events
from cases.errors import CannotMerge
from cases.models import Case, Merge
from cases.workflow import ENDED_CASES, CaseState, WithdrawalReason
from intake.actions.change_consent import close_consent_requests
from intake.actions.follow_status import follow_status_step
from intake.actions.publish_status import publish_status
from intake.models import Report

_WHY = {
    "ended": _("The other case has ended. Reopen it first."),
    "merged": _("The other case is itself merged into another one. Merge into that one."),
    "has_merged": _("Other cases are merged into this one. Merge that case into this one instead."),
    "taken_back": _("One of the two reports was taken back."),
}


@transaction.atomic(durable=True)
def merge_cases(*, case_id: UUID, into_id: UUID, by: Actor, now: datetime) -> Merge:
    """`case_id` becomes a duplicate of `into_id`; its open referrals are withdrawn (merged) and its clocks end.

    Its reporter reads the other case's status from now on, and nothing else of it; what they write reaches whoever is
    responsible for the other case. Its own consent goes on governing its own data: no partner gets any by this.
    Timeline: merged and referral_withdrawn here, merged_into_this there. Feed and outbox: the partners withdrawn.
    Two that merge crosswise: the second finds that the first has ended. Raises NotFound, NotAllowed, InvalidInput,
    MoveNotAllowed, CannotMerge (with `reason`).
    """
    pair = locked_pair(case_id, into_id, by=by, action="merge_cases")
    case, into = pair.one, pair.other
    _check(pair)
    move(case, CaseState.DUPLICATE)
    end_proposals_step(case, pair.user, now)
    withdrawn = withdraw_referrals_step(case, WithdrawalReason.MERGED, now=now)
    close_consent_requests(report_id=case.report_id, body_id=None, now=now)
    _rest(case)
    record_events(case, [Event("merged", {"case": into.pk}), *withdrawn_events(withdrawn)], by=by, now=now)
    record_events(into, [Event("merged_into_this", {"case": case.pk})], by=by, now=now)
    case.save()
    into.save()
    publish_status(report_id=case.report_id, code=case.state, now=now)
    follow_status_step(report_id=case.report_id, other_id=into.report_id)
    notify.write_outbox(notify.referrals_withdrawn(withdrawn, now))
    return Merge.objects.create(case=case, into=into, merged_by=pair.user, merged_at=now)


def _check(pair: Pair) -> None:
    """No chains: what is merged, or has others merged into it, is merged into nothing further."""
    merges = Merge.objects.in_force()
    if pair.other.state in ENDED_CASES:
        reason = "merged" if merges.filter(case=pair.other).exists() else "ended"
        raise CannotMerge(_WHY[reason], reason=reason)
    if merges.filter(into=pair.one).exists():
        raise CannotMerge(_WHY["has_merged"], reason="has_merged")
    both = Report.objects.filter(pk__in=(pair.one.report_id, pair.other.report_id))
    if both.filter(Q(erased_at__isnull=False) | Q(withdrawn_at__isnull=False)).exists():
        raise CannotMerge(_WHY["taken_back"], reason="taken_back")


def _rest(case: Case) -> None:
    """Nobody waits for anything here any more. The outcome `duplicate` is said when the case is closed."""
    case.routing_wanted_at, case.routing_attempts = None, 0
    case.due_at, case.due_kind = None, ""
