"""After accepting: what the person consented to, as consent stands at this moment, and the record of who read it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists

from cases.models import Referral, Service, VitalInterest
from cases.workflow import ASSIGNED, ReferralState
from intake.actions.record_access import record_access
from intake.encryption import DataKey
from intake.errors import ReportErased
from intake.models import Report, ReportKey
from intake.queries import consent_in_force
from intake.queries.words import gender_of
from intake.vocabulary import AccessPurpose, ConsentAnswer, DataGroup, Voice

from .groups import data_of
from .offer import View, is_tombstone, offer_view


@dataclass(frozen=True, slots=True, repr=False)
class Disclosed:
    """`groups`: the data groups that the view shows; reading them must leave a record (`record_fetch`)."""

    view: View
    groups: frozenset[str] = field(default_factory=frozenset)


def consented_view(referral: Referral, *, now: datetime) -> Disclosed:
    """The offer view and, once accepted, the data groups that the person consented to, as consent stands now.

    Adds `awaiting_consent` (the person is being asked about this partner) and `data` (None: nothing may be seen).
    `referral` comes with case, partner and agreement versions in memory. Up to six queries.
    """
    if is_tombstone(referral.state, referral.ended_at, now):
        return Disclosed({**offer_view(referral, now=now), "awaiting_consent": False, "data": None})
    for_one = Service.objects.filter(partner=referral.partner_id, category=referral.category_id).exclude(genders=[])
    report = Report.objects.annotate(needs_gender=Exists(for_one)).get(pk=referral.case.report_id)
    key = _key(report)
    written = referral.case.unseal(key, "summary") if key else ""
    gender = gender_of(report, key) if key and report.needs_gender else ""
    view = offer_view(referral, now=now, written_summary=written or "", gender=gender)
    if key is None or referral.state not in _HOLDS_DATA:
        return Disclosed({**view, "awaiting_consent": False, "data": None})
    may_see, is_asked = _with_vital_interest(referral, report, *_consent(referral, report))
    data = data_of(referral, report, key, may_see, now) if may_see is not None else None
    return Disclosed({**view, "awaiting_consent": is_asked, "data": data}, may_see or frozenset())


def consented_groups(referral: Referral, *, now: datetime) -> frozenset[str]:
    """The same decision for what is read beside the view: its files."""
    return consented_view(referral, now=now).groups


def may_see_contact(referral: Referral) -> bool:
    """Whether the person lets this partner have their contact. Opens nothing, so it leaves no record."""
    report = _report(referral)
    if _key(report) is None:
        return False
    may_see, _is_asked = _with_vital_interest(referral, report, *_consent(referral, report))
    return DataGroup.CONTACT in (may_see or ())


_HOLDS_DATA = ASSIGNED | {ReferralState.COMPLETED}


def record_fetch(referral: Referral, disclosed: Disclosed, *, now: datetime) -> None:
    """Leaves the access record of a read, before the answer goes out. Nothing personal shown, nothing recorded."""
    record_read(referral, disclosed.groups, AccessPurpose.CASE_FETCHED, now)


def record_read(referral: Referral, groups: frozenset[str], purpose: AccessPurpose, now: datetime) -> None:
    if not groups:
        return
    with transaction.atomic():
        record_access(
            report_id=referral.case.report_id,
            voice=Voice.PARTNER,
            by_ref=referral.partner_id,
            body_id=referral.partner.body_id,
            purpose=purpose,
            groups=groups,
            now=now,
        )


def _report(referral: Referral) -> Report:
    return Report.objects.get(pk=referral.case.report_id)


def _key(report: Report) -> DataKey | None:
    """None when the report was erased or taken back, even if cases has not heard of it yet."""
    if report.erased_at is not None or report.withdrawn_at is not None:
        return None
    try:
        return ReportKey.of(report.pk)
    except ReportErased:
        return None


def _consent(referral: Referral, report: Report) -> tuple[frozenset[str] | None, bool]:
    """The groups that this partner may see (None: it may see nothing), and whether the person is being asked."""
    consent, partner = consent_in_force(report.pk), referral.partner
    is_across = partner.side != referral.case.side
    if (is_across and not consent.cross_border) or _is_excluded(report, referral):
        return None, False
    if not consent.allows_disclosure_to(partner.body_id):
        is_open = consent.share == ConsentAnswer.ASK_FIRST and partner.body_id not in consent.per_body
        return None, is_open
    covered = consent.groups & frozenset(referral.agreement_version.data_groups)
    if referral.memorandum_version is not None:
        covered &= frozenset(referral.memorandum_version.data_groups)
    return covered, False


def _with_vital_interest(
    referral: Referral, report: Report, may_see: frozenset[str] | None, is_asked: bool
) -> tuple[frozenset[str] | None, bool]:
    """Two people have decided that this partner must see these groups, whatever consent says. Exactly these, exactly
    this partner; and never one that the person has named among those that must not see it."""
    groups = VitalInterest.objects.groups(referral.case_id, referral.partner_id)
    if not groups or _is_excluded(report, referral):
        return may_see, is_asked
    return (may_see or frozenset()) | groups, False


def _is_excluded(report: Report, referral: Referral) -> bool:
    """The person named this body among those that must not see the report."""
    return report.must_not_see.filter(pk=referral.partner.body_id).exists()
