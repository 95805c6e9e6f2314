"""Carries an approved change of an agreement out: a new agreement, or the next version of one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from cases.actions.check_agreement import Terms, check_overlap, check_parties, checked_terms, newest_version
from cases.actions.propose_agreement import check_amendment, ended_version
from cases.actions.wake_unrouted import CHANGED, wake_unrouted_step
from cases.errors import StaleObject
from cases.models import Agreement, AgreementVersion, ApprovalRequest, PartnerOrganisation

SLUG_LENGTH = 60


def apply_agreement_step(*, request: ApprovalRequest, now: datetime) -> AgreementVersion:
    """Writes the version as it was approved. Everything is checked again as the rows stand now.

    Unrouted cases that it may place are tried at once; one that begins later finds them at the sweep of that day.
    Writes nothing to any timeline: what ends by it is wound down by the worker. Raises StaleObject (another version was
    made since it was asked) and InvalidInput (a partner that changed sides, a day that has passed).
    """
    version = _new(request, now) if request.change["act"] == "new" else _next(request, now)
    partner_id = version.agreement.partner_id
    wake_unrouted_step(None if partner_id is None else [partner_id], now=now, limit=CHANGED)
    return version


def _next(request: ApprovalRequest, now: datetime) -> AgreementVersion:
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=request.subject)
    newest = newest_version(agreement)
    if newest is None or newest.number != request.base:
        raise StaleObject()
    terms = Terms.stored(request.change)
    if request.change["act"] == "end":
        terms = Terms.of(ended_version(agreement, terms.valid_until, now))
    else:
        terms = checked_terms(terms, newest, now)
        check_amendment(agreement, terms)
    return _version(agreement, newest.number + 1, terms)


def _new(request: ApprovalRequest, now: datetime) -> AgreementVersion:
    change = request.change
    partner = PartnerOrganisation.objects.defer("phone").get(pk=change["partner"]) if change["partner"] else None
    check_parties(partner, request.side, under_memorandum=change["under_memorandum"])
    terms = checked_terms(Terms.stored(change), None, now)
    check_overlap(partner, terms, under_memorandum=change["under_memorandum"])
    agreement = Agreement.objects.create(
        id=request.subject,
        slug=_slug(change, partner, request.subject),
        kind=change["kind"],
        side=request.side,
        partner=partner,
        under_memorandum=change["under_memorandum"],
        is_demo=partner.is_demo if partner else False,
    )
    return _version(agreement, 1, terms)


def _version(agreement: Agreement, number: int, terms: Terms) -> AgreementVersion:
    return AgreementVersion.objects.create(agreement=agreement, number=number, **terms.columns())


def _slug(change: Mapping[str, Any], partner: PartnerOrganisation | None, agreement_id: UUID) -> str:
    """Speakable, and unique by the end of the agreement's id."""
    what = f"agreement-{partner.slug}" if partner else f"memorandum-{change['terms']['valid_from'][:4]}"
    return f"{slugify(what)[: SLUG_LENGTH - 7]}-{agreement_id.hex[-6:]}"
