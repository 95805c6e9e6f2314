"""Which cases are merged into which, and who answers for a merged one."""

from uuid import UUID

from cases.models import Case, Merge
from cases.queries.reach import knows_person
from cases.workflow import CaseState
from intake.compiled import Rows

_CAN_BE_MERGED = frozenset({CaseState.DUPLICATE, CaseState.CLOSED})


def merged_into(case: Case) -> list[Case]:
    """Cases whose reporters read the status of this one. One statement."""
    return [merge.case for merge in _into(case=case.pk)]


_into = Rows(
    lambda case: Merge.objects.in_force().filter(into=case).select_related("case").order_by("pk"),
    case=(UUID(int=1), UUID(int=2)),
)


def who_answers(case: Case) -> UUID | None:
    """The responsible caseworker: of a merged case, the one who has the other case, unless they know this person.

    No statement for a case that works by itself.
    """
    if case.state not in _CAN_BE_MERGED:
        return case.responsible_id
    other = Merge.objects.in_force().filter(case=case).values_list("into__responsible", flat=True).first()
    if other is None or knows_person(other, case.pk):
        return case.responsible_id
    return other
