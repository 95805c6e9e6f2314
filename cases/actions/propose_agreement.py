"""Proposes a new agreement, an amendment or an early end. Nothing changes before a second person approves it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.approval import ask_step, new_request
from cases.actions.authorise import authorise
from cases.actions.check_agreement import Terms, check_overlap, check_parties, checked_terms, newest_version
from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import Agreement, AgreementVersion, ApprovalRequest, PartnerOrganisation, User
from cases.models.approval import ApprovalKind
from intake.errors import InvalidInput
from intake.references import new_id

_KINDS = {
    Agreement.Kind.MEMORANDUM.value: ApprovalKind.MEMORANDUM,
    Agreement.Kind.PARTNER.value: ApprovalKind.PARTNER_AGREEMENT,
}


@transaction.atomic(durable=True)
def propose_agreement(
    *, kind: str, partner_id: UUID | None, under_memorandum: bool, terms: Terms, by: Actor, now: datetime
) -> ApprovalRequest:
    """A new memorandum (no partner) or an agreement of the own side with one of its partners.

    Raises NotAllowed, NotFound, InvalidInput at the field that cannot be so.
    """
    if kind not in _KINDS:
        raise InvalidInput(fields={"kind": [_("Please choose one of these.")]})
    user = _proposer(by)
    partner = None
    if kind == Agreement.Kind.PARTNER:
        partner = PartnerOrganisation.objects.defer("phone").filter(pk=partner_id).first() if partner_id else None
        if partner is None:
            raise InvalidInput(fields={"partner": [_("Please choose a partner organisation.")]})
    check_parties(partner, user.side, under_memorandum=under_memorandum)
    clean = checked_terms(terms, None, now)
    check_overlap(partner, clean, under_memorandum=under_memorandum)
    change = {
        "act": "new",
        "kind": kind,
        "partner": str(partner.pk) if partner else None,
        "under_memorandum": under_memorandum,
        "terms": clean.as_json(),
    }
    side = user.side if partner else ""
    request = new_request(_KINDS[kind], subject=new_id(), side=side, user=user, now=now, change=change)
    return ask_step(request, user, now)


@transaction.atomic(durable=True)
def propose_amendment(*, agreement_id: UUID, terms: Terms, seen: int, by: Actor, now: datetime) -> ApprovalRequest:
    """The next version. `seen`: the number of the newest version that the person had before them.

    Raises NotFound (also of the other side), NotAllowed, InvalidInput (also when `seen` is old).
    """
    agreement, newest, user = _amendable(agreement_id, seen, by)
    clean = checked_terms(terms, newest, now)
    check_amendment(agreement, clean)
    return _ask(agreement, newest, {"act": "amend", "terms": clean.as_json()}, user, now)


@transaction.atomic(durable=True)
def propose_end(*, agreement_id: UUID, last_day: date, seen: int, by: Actor, now: datetime) -> ApprovalRequest:
    """An earlier last day, today at the soonest. It takes the place of every version still to come.

    Raises as an amendment does.
    """
    agreement, newest, user = _amendable(agreement_id, seen, by)
    ended = ended_version(agreement, last_day, now)
    return _ask(agreement, newest, {"act": "end", "terms": Terms.of(ended).as_json()}, user, now)


def check_amendment(agreement: Agreement, terms: Terms) -> None:
    """Raises InvalidInput: it would reach into another agreement of the same parties."""
    check_overlap(agreement.partner, terms, under_memorandum=agreement.under_memorandum, besides=agreement.pk)


def ended_version(agreement: Agreement, last_day: date, now: datetime) -> AgreementVersion:
    """Unsaved: the version in force with another last day. Raises InvalidInput on `last_day`."""
    begun = [row for row in agreement.versions.order_by("number") if row.valid_from <= row.local_day(now)]
    if not begun or not begun[-1].is_valid(now):
        raise InvalidInput(fields={"last_day": [_("This agreement is not in force, so that nothing can be ended.")]})
    version = begun[-1]
    if not version.local_day(now) <= last_day < version.valid_until:
        message = _("Please give a day from today on, before the present last day.")
        raise InvalidInput(fields={"last_day": [message]})
    version.valid_until = last_day
    return version


def _proposer(by: Actor) -> User:
    user = User.objects.filter(pk=by.ref).first() if by.kind == "staff" and by.ref else None
    if user is None:
        raise NotAllowed()
    return authorise(by, "propose_agreement", side=user.side)


def _amendable(agreement_id: UUID, seen: int, by: Actor) -> tuple[Agreement, AgreementVersion, User]:
    """The row locked: whoever proposes and whoever approves see the same newest version."""
    user = _proposer(by)
    agreement = Agreement.objects.select_for_update(no_key=True).filter(pk=agreement_id).first()
    if agreement is None or agreement.side not in {"", user.side}:
        raise NotFound()
    newest = newest_version(agreement)
    if newest is None:
        raise NotFound()
    if newest.number != seen:
        raise InvalidInput(fields={"__all__": [_("Somebody changed this in the meantime. Look at it again.")]})
    return agreement, newest, user


def _ask(
    agreement: Agreement, newest: AgreementVersion, change: dict[str, object], user: User, now: datetime
) -> ApprovalRequest:
    request = new_request(
        _KINDS[agreement.kind],
        subject=agreement.pk,
        side=agreement.side,
        user=user,
        now=now,
        change=change,
        base=newest.number,
    )
    return ask_step(request, user, now)
