"""A person says what two cases have in common, or that they have not. Reversible, and each time on both timelines."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.case_pair import Pair, locked_pair, record_on_both
from cases.actions.record import Actor
from cases.models import CaseLink
from cases.workflow import LinkKind, LinkState, check_link_move
from intake.errors import InvalidInput, ReportErased
from intake.models import Report

_EVENTS = {
    LinkState.CONFIRMED: "link_confirmed",
    LinkState.REFUSED: "link_refused",
    LinkState.UNDONE: "link_undone",
}


@transaction.atomic(durable=True)
def decide_link(*, case_id: UUID, other_id: UUID, kind: str, state: str, by: Actor, now: datetime) -> CaseLink:
    """Confirms, refuses or takes back a link of this kind; confirming one that nobody suggested makes it.

    Joins nothing: neither case moves, nobody but the own side sees it. Timeline of both: link_confirmed, link_refused
    or link_undone, with the kind and the other case's id. Twice the same is no error. Raises NotFound, NotAllowed,
    InvalidInput (the same case, unknown kind), MoveNotAllowed, ReportErased.
    """
    if kind not in LinkKind or state not in _EVENTS:
        raise InvalidInput(fields={"kind": [_("Please choose one of these.")]})
    pair = locked_pair(case_id, other_id, by=by, action="link_cases")
    first, second = sorted((pair.one.pk, pair.other.pk))
    link = CaseLink.objects.filter(first=first, second=second, kind=kind).first()
    if link is None:
        link = CaseLink(first_id=first, second_id=second, kind=kind, state=LinkState.REFUSED)
    elif link.state == state:
        return link
    if state == LinkState.CONFIRMED:
        _require_reports(pair)
    check_link_move(link.state, state)
    link.state, link.decided_by, link.decided_at = state, pair.user, now
    link.save()
    record_on_both(pair, _EVENTS[LinkState(state)], by=by, now=now, kind=kind)
    pair.one.save()
    pair.other.save()
    return link


def _require_reports(pair: Pair) -> None:
    if Report.objects.filter(pk__in=(pair.one.report_id, pair.other.report_id), erased_at__isnull=False).exists():
        raise ReportErased()
