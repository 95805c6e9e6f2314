"""What is wrong or about to be: counted, never named. For supervisors and administrators of a side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import Case, OutboxMessage, User
from cases.permissions import may
from cases.queries.complaints import complaints, oldest_open_complaint, unanswerable
from cases.queries.deliveries import of_side
from cases.queries.directory import AgreementState, agreement_states, memorandum_state
from cases.queries.erasures import unconfirmed_erasures
from cases.queries.rota import Stretch, holes
from cases.queries.vital_interest import untold_since
from cases.workflow import ENDED_CASES
from intake.models import Attachment, IntakeEvent
from intake.queries.guesses import wrong_codes_since
from intake.vocabulary import FileState

LATE_AFTER = timedelta(minutes=2)  # what is due longer than this says that no worker runs
HOLE_DAYS = 7
FILES_WAIT = timedelta(hours=1)
ERASURE_LATE = timedelta(days=10)  # the second reminder has gone out by then


@dataclass(frozen=True, slots=True)
class Health:
    oldest_due_at: datetime | None  # of what should have been sent by now
    oldest_unopened_at: datetime | None  # a report that has no case yet
    overdue_cases: int
    dead_messages: int
    wrong_codes: int  # tried in the last 24 hours, once they were too many to be mistakes
    holes: list[Stretch]
    ending: list[AgreementState]
    memorandum: AgreementState | None
    files_waiting: int = 0  # to be examined and cleaned for longer than an hour
    late_erasures: int = 0  # partners that have not confirmed for over 10 days
    oldest_complaint_at: datetime | None = None
    unanswerable: int = 0  # complaints for which the side has no supervisor who may read them
    untold: int = 0  # people who were to be told of a vital interest by now


def health(side: str, now: datetime, reader: User | None = None) -> Health:
    """`reader`: who answers complaints learns of none that concerns them, or a person they know, not even by a count;
    that one waits which nobody may answer is for the administrators."""
    is_concerned_perhaps = reader is not None and may(reader, "answer_complaint")
    own_complaints = complaints(reader) if reader is not None and is_concerned_perhaps else []
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
        wrong_codes=wrong_codes_since(now - timedelta(hours=24)),
        holes=holes(side, now, days=HOLE_DAYS),
        ending=own,
        memorandum=memorandum_state(states),
        files_waiting=Attachment.objects.filter(
            state=FileState.RECEIVED, report__isnull=False, uploaded_at__lt=now - FILES_WAIT
        ).count(),
        late_erasures=sum(row.asked_at < now - ERASURE_LATE for row in unconfirmed_erasures(side=side)),
        oldest_complaint_at=next((one.made_at for one in own_complaints), None)
        if is_concerned_perhaps
        else oldest_open_complaint(side),
        unanswerable=0 if is_concerned_perhaps else unanswerable(side, now),
        untold=untold_since(side, now.date()),
    )
