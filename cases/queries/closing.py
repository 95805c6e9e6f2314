"""Closings that wait for a supervisor: of one case, and all of the own side."""

from collections.abc import Sequence

from cases.models import Case, ClosingProposal, User
from cases.queries.reach import reachable

MOST = 200  # lines of the page


def waiting_closing(case: Case) -> ClosingProposal | None:
    """One statement. Its words stand among the case's notes."""
    return ClosingProposal.objects.waiting().filter(case=case).select_related("proposed_by").first()


def closings_of(side: str) -> Sequence[ClosingProposal]:
    """Those of one side that wait, for whoever looks after the installation. One statement."""
    return list(ClosingProposal.objects.waiting().filter(case__side=side).select_related("case")[:MOST])


def waiting_closings(user: User) -> Sequence[ClosingProposal]:
    """The longest waiting first. One statement."""
    rows = ClosingProposal.objects.waiting().filter(case__in=reachable(user))
    return list(rows.select_related("case", "case__category", "proposed_by").order_by("proposed_at", "pk")[:MOST])
