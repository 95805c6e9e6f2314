"""A legal hold: a supervisor suspends retention of one report until a date, with a reason."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.add_note import checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case, save_case
from cases.actions.record import Actor, Event, record_events
from cases.errors import MoveNotAllowed, NotFound, ReasonRequired
from cases.models import Case, User
from cases.queries.reach import knows_person
from cases.queries.retention import hold_of
from intake.errors import InvalidInput, ReportErased
from intake.models import LegalHold, Report, ReportKey

LONGEST = timedelta(days=3 * 365)


@transaction.atomic(durable=True)
def set_legal_hold(*, case_id: UUID, reason: str, until: date, by: Actor, now: datetime) -> LegalHold:
    """Suspends retention up to and with `until`, at most three years ahead; the reason is sealed.

    A hold already in force ends and this one holds instead, so that it can be made longer or shorter. The reporter's
    own erasure is never suspended. Timeline: legal_hold_set. Raises NotFound, NotAllowed, ReasonRequired, InvalidInput,
    ReportErased.
    """
    case, user = _locked(case_id, by)
    _check(reason, until, now)
    text = checked_note(reason, "reason")
    earlier = hold_of(case.report_id, now=now)
    if earlier is not None:
        _lift(earlier, user, now)
    hold = LegalHold(report_id=case.report_id, by_ref=user.pk, set_at=now, until=until)
    hold.seal(ReportKey.of(case.report_id), reason=text)
    hold.save(force_insert=True)
    _record(case, Event("legal_hold_set", {"hold": hold.pk, "until": until.isoformat()}), by, now)
    return hold


@transaction.atomic(durable=True)
def lift_legal_hold(*, case_id: UUID, by: Actor, now: datetime) -> LegalHold:
    """Retention runs again. Timeline: legal_hold_lifted. Raises NotFound, NotAllowed, MoveNotAllowed (none there)."""
    case, user = _locked(case_id, by)
    hold = hold_of(case.report_id, now=now)
    if hold is None:
        raise MoveNotAllowed(state=str(case.state))
    _lift(hold, user, now)
    _record(case, Event("legal_hold_lifted", {"hold": hold.pk}), by, now)
    return hold


def _locked(case_id: UUID, by: Actor) -> tuple[Case, User]:
    """The report first, as taking up events and retention lock it; then the case."""
    report_id = Case.objects.filter(pk=case_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise NotFound()
    report = Report.objects.select_for_update(no_key=True).only("erased_at").get(pk=report_id)
    case = locked_case(case_id)
    user = authorise(by, "legal_hold", side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    if report.erased_at is not None:
        raise ReportErased()
    return case, user


def _check(reason: str, until: date, now: datetime) -> None:
    if not reason.strip():
        raise ReasonRequired()
    today = now.date()
    if not today <= until <= today + LONGEST:
        message = _("Please give a date in the next %(days)s days.") % {"days": LONGEST.days}
        raise InvalidInput(fields={"until": [message]})


def _lift(hold: LegalHold, user: User, now: datetime) -> None:
    hold.lifted_at, hold.lifted_by_ref = now, user.pk
    hold.save(update_fields=["lifted_at", "lifted_by_ref"])


def _record(case: Case, event: Event, by: Actor, now: datetime) -> None:
    record_events(case, [event], by=by, now=now)
    save_case(case)
