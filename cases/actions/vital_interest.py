"""Vital interest: one partner may see some data without consent, because a life or health depends on it.

Two people decide: one asks with a reason, a supervisor approves, and it is never the same person. The affected person
is told on their page, at once or as soon as it is safe. What a partner may see by it is read live.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import notify
from cases.actions.add_note import checked_note
from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case
from cases.actions.heed_consent import vital_interest_ended_step
from cases.actions.record import Actor, Event, record_events
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import Case, PartnerOrganisation, User, VitalInterest
from cases.queries.reach import knows_person
from intake.actions.messages import notice_step
from intake.errors import InvalidInput, ReportErased
from intake.models import Report, ReportKey
from intake.references import new_id
from intake.vocabulary import DataGroup

NOTICE = "vital_interest"  # the page knows its words
LONGEST_SILENCE = timedelta(days=30)  # how far ahead a supervisor may put off telling the person


@transaction.atomic(durable=True)
def ask_vital_interest(
    *, case_id: UUID, partner_id: UUID, groups: Collection[str], reason: str, by: Actor, now: datetime
) -> VitalInterest:
    """Asks; changes nothing until a second person approves. The reason is sealed under the report's key.

    Timeline: vital_interest_asked. Outbox: the supervisors of the side, in the urgent lane. Raises NotFound,
    NotAllowed, InvalidInput (partner, groups, reason), ReportErased.
    """
    case = locked_case(case_id)
    user = _authorised(case, by, "ask_vital_interest")
    text, wanted = checked_note(reason, "reason"), _checked_groups(groups)
    partner = _checked_partner(case, partner_id)
    if VitalInterest.objects.open().filter(case=case, partner=partner).exists():  # the case's lock keeps a twin out
        raise InvalidInput(fields={"partner": [_("This has been asked for already.")]})
    row = VitalInterest(id=new_id(), case=case, partner=partner, groups=sorted(wanted), asked_by=user, asked_at=now)
    row.seal(ReportKey.of(case.report_id), reason=text)
    row.save(force_insert=True)
    _record(case, row, "vital_interest_asked", by, now, groups=row.groups)
    notify.write_outbox(notify.vital_interest_asked(case, user.pk, now))
    return row


@transaction.atomic(durable=True)
def approve_vital_interest(
    *, vital_id: UUID, is_safe_to_tell: bool, tell_on: date | None = None, by: Actor, now: datetime
) -> VitalInterest:
    """In force with this commit. The person is told now, or a supervisor looks again on `tell_on`.

    Timeline: vital_interest_approved, vital_interest_told. Raises NotFound; NotAllowed (no supervisor of the side, or
    the one who asked); StaleObject (decided meanwhile); InvalidInput (tell_on); ReportErased.
    """
    case, row = _locked(vital_id)
    user = _authorised(case, by, "approve_vital_interest")
    if user.pk == row.asked_by_id:
        raise NotAllowed(reasons=["same_person"])
    if row.approved_at or row.refused_at or row.ended_at:
        raise StaleObject()
    ReportKey.of(case.report_id)  # nothing is left to disclose once it is gone
    row.approved_by, row.approved_at = user, now
    if not is_safe_to_tell:
        row.tell_on = _checked_day(tell_on, now)
    row.save(update_fields=["approved_by", "approved_at", "tell_on"])
    _record(case, row, "vital_interest_approved", by, now, groups=row.groups, told=is_safe_to_tell)
    if is_safe_to_tell:
        _tell(case, row, by, now)
    return row


@transaction.atomic(durable=True)
def refuse_vital_interest(*, vital_id: UUID, by: Actor, now: datetime) -> None:
    """Timeline: vital_interest_refused. Who asked may take it back in the same way. Raises as approving does."""
    case, row = _locked(vital_id)
    is_own = by.kind == "staff" and by.ref == row.asked_by_id
    _authorised(case, by, "ask_vital_interest" if is_own else "approve_vital_interest")
    if row.approved_at or row.refused_at or row.ended_at:
        raise StaleObject()
    row.refused_at = now
    row.save(update_fields=["refused_at"])
    _record(case, row, "vital_interest_refused", by, now)


@transaction.atomic(durable=True)
def tell_person(*, vital_id: UUID, by: Actor, now: datetime) -> None:
    """It is safe now: the person learns on their page who was shown what. Timeline: vital_interest_told."""
    case, row = _locked(vital_id)
    _authorised(case, by, "approve_vital_interest")
    if row.approved_at is None:
        raise StaleObject()
    if row.told_at is None:
        _tell(case, row, by, now)


@transaction.atomic(durable=True)
def put_off_telling(*, vital_id: UUID, tell_on: date, by: Actor, now: datetime) -> None:
    """Still not safe: look again on another day. Timeline: vital_interest_put_off."""
    case, row = _locked(vital_id)
    _authorised(case, by, "approve_vital_interest")
    if row.approved_at is None or row.told_at is not None:
        raise StaleObject()
    row.tell_on = _checked_day(tell_on, now)
    row.save(update_fields=["tell_on"])
    _record(case, row, "vital_interest_put_off", by, now)


@transaction.atomic(durable=True)
def end_vital_interest(*, vital_id: UUID, by: Actor, now: datetime) -> None:
    """From this commit on consent alone decides: what it does not allow is withdrawn from the partner, which is told to
    erase. Timeline: vital_interest_ended. Raises NotFound, NotAllowed, StaleObject.

    The person's own *no* does not end it by itself: it is shown to the supervisors, who decide again (domain.md §4).
    """
    case, row = _locked(vital_id)
    _authorised(case, by, "approve_vital_interest")
    if row.approved_at is None or row.ended_at is not None:
        raise StaleObject()
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    _record(case, row, "vital_interest_ended", by, now)
    if row.partner is not None:
        vital_interest_ended_step(case=case, partner=row.partner, now=now)


def _locked(vital_id: UUID) -> tuple[Case, VitalInterest]:
    """The case's lock orders two who decide at once; the row is read under it. Raises NotFound."""
    case_id = VitalInterest.objects.filter(pk=vital_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    case = locked_case(case_id)
    return case, VitalInterest.objects.select_related("partner").defer("partner__phone").get(pk=vital_id)


def _authorised(case: Case, by: Actor, action: str) -> User:
    user = authorise(by, action, side=case.side)
    if knows_person(user.pk, case.pk):
        raise NotFound()
    return user


def _checked_groups(groups: Collection[str]) -> set[str]:
    wanted = set(groups)
    if not wanted or not wanted <= set(DataGroup.values):
        raise InvalidInput(fields={"groups": [_("Please choose one of these.")]})
    return wanted


def _checked_partner(case: Case, partner_id: UUID) -> PartnerOrganisation:
    """Never one that the person has named among those that must not see it: that is a warning, not a preference."""
    found = PartnerOrganisation.objects.filter(pk=partner_id, is_active=True, is_practice=case.is_practice)
    partner = found.defer("phone").first()
    if partner is None:
        raise InvalidInput(fields={"partner": [_("Please choose a partner organisation.")]})
    report = Report.objects.only("id", "erased_at", "withdrawn_at").get(pk=case.report_id)
    if report.erased_at is not None:
        raise ReportErased()
    if report.withdrawn_at is not None:
        raise NotAllowed()
    if report.must_not_see.filter(pk=partner.body_id).exists():
        raise InvalidInput(fields={"partner": [_("The person has said that this organisation must not see it.")]})
    return partner


def _checked_day(day: date | None, now: datetime) -> date:
    if day is None or not now.date() < day <= now.date() + LONGEST_SILENCE:
        message = _("Please give a day within the next 30 days.")
        raise InvalidInput(fields={"tell_on": [message]})
    return day


def _tell(case: Case, row: VitalInterest, by: Actor, now: datetime) -> None:
    body_id = row.partner.body_id if row.partner else None
    notice_step(report_id=case.report_id, code=NOTICE, body_id=body_id, now=now)
    row.told_at, row.tell_on = now, None
    row.save(update_fields=["told_at", "tell_on"])
    _record(case, row, "vital_interest_told", by, now)


def _record(case: Case, row: VitalInterest, code: str, by: Actor, now: datetime, **details: object) -> None:
    record_events(case, [Event(code, {"vital_interest": row.pk, "partner": row.partner_id, **details})], by=by, now=now)
    case.save()
