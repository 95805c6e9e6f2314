"""What every move of a case in hand begins with and has in common: its locks, who may say it, what is kept of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cases.actions.authorise import authorise
from cases.actions.case_row import locked_case, set_due
from cases.actions.record import Actor, Event
from cases.errors import NotFound
from cases.models import Case, Referral, ReferralUpdate, VitalInterest
from cases.queries.reach import knows_person
from cases.workflow import CaseState, ReferralState
from intake.actions.change_consent import close_consent_requests
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.models import ReportKey
from intake.queries import consent_in_force, open_consent_requests


def locked_referral(referral_id: UUID, by: Actor, *, partner_id: UUID | None = None) -> tuple[Case, Referral]:
    """The case's lock first, then the referral as it stands under it, partner in memory.

    `by`: the partner itself, or a caseworker whom it told ("the partner told us"). Unknown, another partner's and
    another side's look the same: NotFound. Raises NotAllowed for staff who may not.
    """
    rows = Referral.objects.filter(pk=referral_id)
    if by.kind == "partner" or partner_id is not None:
        rows = rows.filter(partner=partner_id or by.ref)
    case_id = rows.values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    case = locked_case(case_id)
    if by.kind != "partner":
        user = authorise(by, "record_move", side=case.side)
        if knows_person(user.pk, case.pk):
            raise NotFound()
    referral = rows.select_related("partner").defer("partner__phone").get()
    referral.case = case
    return case, referral


def moved(code: str, referral: Referral, **details: Any) -> Event:
    return Event(code, {"referral": referral.pk, "partner": referral.partner_id, **details})


def is_awaiting_consent(referral: Referral) -> bool:
    """The person is being asked about this partner: nothing has been disclosed to it."""
    return open_consent_requests(referral.case.report_id).filter(body=referral.partner.body_id).exists()


def keep_words(
    referral: Referral,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    expected_by: datetime | None = None,
    **words: str,
) -> ReferralUpdate:
    """What was said, sealed under the report's key. A step of two statements. Raises ReportErased."""
    update = ReferralUpdate(
        referral=referral,
        kind=kind,
        expected_by=expected_by,
        heard_by_id=by.ref if by.kind == "staff" else None,
        said_at=now,
    )
    update.seal(ReportKey.of(referral.case.report_id), **words)
    update.save(force_insert=True)
    return update


def organisation_shown(referral: Referral) -> UUID | None:
    """The body that the reporter reads as their helper. None while the person must not hear of it: vital interest of
    which they have not been told, without a yes of their own."""
    case, body_id = referral.case, referral.partner.body_id
    untold = VitalInterest.objects.in_force().filter(case=case, partner=referral.partner_id, told_at__isnull=True)
    if untold.exists() and not consent_in_force(case.report_id).allows_disclosure_to(body_id):
        return None
    return body_id


def leave_copies_step(referral: Referral, now: datetime) -> None:
    """The partner no longer has the case: an open question about it is closed, else its copies are to be erased."""
    report_id, body_id = referral.case.report_id, referral.partner.body_id
    if is_awaiting_consent(referral):
        close_consent_requests(report_id=report_id, body_id=body_id, now=now)
    else:
        ask_partner_erasure_step(report_id=report_id, bodies={referral.pk: body_id}, now=now)


def set_partner_clocks(case: Case) -> None:
    """The next due moment out of what partners owe: answers to open offers, and first contact of the one in hand.

    While the person is being asked these stand still."""
    if case.state == CaseState.WAITING_FOR_REPORTER:
        set_due(case)
        return
    open_ones = Referral.objects.filter(case=case, state__in=[ReferralState.OFFERED, ReferralState.ACCEPTED])
    running = []
    for state, taking_over, answer, contact in open_ones.values_list(
        "state", "takes_over_from", "answer_due_at", "contact_due_at"
    ):
        if state == ReferralState.OFFERED:
            running.append((answer, "answer"))
        elif contact is not None and taking_over is None:
            running.append((contact, "contact"))
    set_due(case, *running)
