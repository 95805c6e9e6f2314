"""What is wrong or about to be: counted, never named. For supervisors and administrators of a side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import Case, OutboxMessage
from cases.queries.deliveries import of_side
from cases.queries.directory import AgreementState, agreement_states, memorandum_state
from cases.queries.rota import Stretch, holes
from cases.workflow import ENDED_CASES
from intake.models import IntakeEvent

LATE_AFTER = timedelta(minutes=2)  # what is due longer than this says that no worker runs
HOLE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Health:
    oldest_due_at: datetime | None  # of what should have been sent by now
    oldest_unopened_at: datetime | None  # a report that has no case yet
    overdue_cases: int
    dead_messages: int
    holes: list[Stretch]
    ending: list[AgreementState]
    memorandum: AgreementState | None


def health(side: str, now: datetime) -> Health:
    late = now - LATE_AFTER
    due = of_side(side).filter(state=OutboxMessage.State.DUE, next_attempt_at__lt=late)
    waiting = IntakeEvent.objects.filter(taken_up_at__isnull=True, at__lt=late)
    open_cases = Case.objects.filter(side=side, is_practice=False).exclude(state__in=ENDED_CASES)
    states = agreement_states(now)
    own = [one for one in states if one.agreement.side in {side, ""} and one.state in {"ending", "ended"}]
    return Health(
        oldest_due_at=due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first(),
        oldest_unopened_at=waiting.order_by("at").values_list("at", flat=True).first(),
        overdue_cases=open_cases.filter(due_at__lt=now).count(),
        dead_messages=of_side(side).filter(state=OutboxMessage.State.DEAD).count(),
        holes=holes(side, now, days=HOLE_DAYS),
        ending=own,
        memorandum=memorandum_state(states),
    )
