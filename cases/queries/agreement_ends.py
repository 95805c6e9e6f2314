"""What the end of an agreement means: which referrals no chain carries any more, and which ends are near.

A partner that is not active carries none, whatever its agreements say.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from cases.models import Agreement, AgreementNotice, AgreementVersion, Referral
from cases.queries.agreements import agreements_in_force, lets_data_flow
from cases.workflow import ASSIGNED, LOAD, ReferralState

_HAND_BACK, _FINISH = AgreementVersion.WindDown.HAND_BACK, AgreementVersion.WindDown.FINISH
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """An agreement in force whose end is near. `days`: the notice that is due, `left` the days that are left."""

    agreement: Agreement
    last_day: date
    days: int
    left: int


def without_chain(referrals: Sequence[Referral], now: datetime) -> dict[UUID, str]:
    """Of these open referrals those whose chain is broken, by id, with the wind-down that the broken link asks for.

    Needs `case`, `partner`, `agreement_version` and `memorandum_version` in memory. Two statements, one when all hold.
    Where two links are broken the stricter setting counts. A partner with another chain in force keeps its cases.
    """
    in_force = agreements_in_force({row.partner_id for row in referrals}, now)
    broken = [
        row
        for row in referrals
        if not lets_data_flow(in_force, row.partner_id, crosses=row.partner.side != row.case.side)
    ]
    if not broken:
        return {}
    begun = _begun(now, {row.partner_id for row in broken})
    found: dict[UUID, str] = {}
    for row in broken:
        links = [] if in_force.by_partner.get(row.partner_id) else [begun.get(row.agreement_version.agreement_id)]
        if in_force.memorandum is None and _needs_memorandum(row):
            links.append(_memorandum(row, begun))
        found[row.pk] = _HAND_BACK if any(one and one.wind_down == _HAND_BACK for one in links) else _FINISH
    return found


def cases_without_chain(now: datetime) -> list[UUID]:
    """Cases with an open referral that may have to end for want of a chain, or of a partner that is active.

    Most urgent first; the step looks closely. Three statements when everything holds, whatever the number of cases:
    partners are looked at, not their referrals.
    """
    open_ones = Referral.objects.filter(state__in=LOAD)
    columns = ("partner", "partner__is_active", "partner__side", "case__side")
    pairs = list(open_ones.order_by().values_list(*columns).distinct())
    inactive = {partner for partner, is_active, _, _ in pairs if not is_active}
    in_force = agreements_in_force({partner for partner, *_ in pairs}, now)
    broken: dict[str, list[UUID]] = defaultdict(list)
    for partner, is_active, own_side, case_side in pairs:
        if is_active and not lets_data_flow(in_force, partner, crosses=own_side != case_side):
            broken[case_side].append(partner)
    if not broken and not inactive:
        return []
    wanted = Q(partner__in=inactive) | _must_end(broken, now)
    rows = open_ones.filter(wanted).order_by("case__urgency", "case")
    return list(dict.fromkeys(rows.values_list("case", flat=True)))


def _must_end(broken: dict[str, list[UUID]], now: datetime) -> Q:
    """By the side of the case: offers of these partners, and what they have in hand where an agreement hands back."""
    wanted = Q()
    handing_back = _handing_back(now, {partner for partners in broken.values() for partner in partners})
    for side, partners in broken.items():
        back = [partner for partner in partners if partner in handing_back or None in handing_back]
        wanted |= Q(case__side=side, partner__in=partners, state=ReferralState.OFFERED)
        wanted |= Q(case__side=side, partner__in=back, state__in=ASSIGNED)
    return wanted


def near_ends(now: datetime) -> list[Ending]:
    """Agreements in force that end within a notice's days, each with the nearest notice. Two statements.

    An amendment that takes over without a gap carries the agreement on: then its last day counts.
    """
    notices = sorted(AgreementNotice.objects.values_list("days", flat=True))
    versions = AgreementVersion.objects.select_related("agreement__partner__body").defer("agreement__partner__phone")
    by_agreement: dict[UUID, list[AgreementVersion]] = defaultdict(list)
    for version in versions.order_by("agreement", "number"):
        by_agreement[version.agreement_id].append(version)
    found = []
    for rows in by_agreement.values():
        last = _last_version(rows, now)
        if last is None:
            continue
        left = (last.valid_until - last.local_day(now)).days
        days = next((one for one in notices if left <= one), None)
        if days is not None:
            found.append(Ending(last.agreement, last.valid_until, days, left))
    return found


def _last_version(rows: Sequence[AgreementVersion], now: datetime) -> AgreementVersion | None:
    """The version with which the agreement, in force now, will end; None when it is not in force."""
    begun = [row for row in rows if row.valid_from <= row.local_day(now)]
    if not begun or not begun[-1].is_valid(now):
        return None
    last = begun[-1]
    for row in rows:
        if row.number > last.number and row.valid_from <= last.valid_until + _DAY:
            last = row
    return last


@dataclass(frozen=True, slots=True)
class _Begun:
    wind_down: str
    partner_id: UUID | None
    valid_until: date


def _begun(now: datetime, partner_ids: set[UUID]) -> dict[UUID, _Begun]:
    """Per agreement the newest version that has begun, ended or not: of these partners, and every memorandum."""
    wanted = Q(agreement__partner__in=partner_ids) | Q(agreement__kind=Agreement.Kind.MEMORANDUM)
    found = {}
    for row in AgreementVersion.objects.filter(wanted).select_related("agreement").order_by("agreement", "number"):
        if row.valid_from <= row.local_day(now):
            found[row.agreement_id] = _Begun(row.wind_down, row.agreement.partner_id, row.valid_until)
    return found


def _handing_back(now: datetime, partner_ids: set[UUID]) -> set[UUID | None]:
    """Partners with an agreement that hands cases back; None among them: a memorandum does."""
    return {one.partner_id for one in _begun(now, partner_ids).values() if one.wind_down == _HAND_BACK}


def _needs_memorandum(row: Referral) -> bool:
    return row.partner.side != row.case.side or row.memorandum_version_id is not None


def _memorandum(row: Referral, begun: dict[UUID, _Begun]) -> _Begun | None:
    """The one relied on, else the one that ended last."""
    if row.memorandum_version is not None:
        return begun.get(row.memorandum_version.agreement_id)
    memoranda = [one for one in begun.values() if one.partner_id is None]
    return max(memoranda, key=lambda one: one.valid_until, default=None)
