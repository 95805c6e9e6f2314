"""The one place that decides what a partner sees (domain.md §9): the offer, what the person consented to, a tombstone.

Views hold plain Python values; doors give them their form. Encrypted text is opened in the single view only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Referral
from cases.workflow import ASSIGNED, TOMBSTONES, ReferralState
from intake.actions.record_access import record_access
from intake.encryption import DataKey
from intake.errors import ReportErased
from intake.models import Report, ReportKey, SafeContact
from intake.queries import consent_in_force, current_contact, next_safe_moment, reference_data, safe_contact_now
from intake.vocabulary import AccessPurpose, AgeBand, ConsentAnswer, DataGroup, Voice

COMPLETED_READABLE = timedelta(days=30)  # after completion; then a tombstone
_BETWEEN = " · "

View = dict[str, Any]
Row = Mapping[str, Any]


def is_tombstone(state: str, ended_at: datetime | None, now: datetime) -> bool:
    """The partner no longer has the case, or never took it: state, reason and times are all that is left."""
    if state == ReferralState.COMPLETED:
        return ended_at is None or ended_at <= now - COMPLETED_READABLE
    return state in TOMBSTONES


def offer_views(rows: Iterable[Row], *, now: datetime) -> list[View]:
    """What a list shows: what may be known before accepting, and nothing of the case in a tombstone.

    `rows` are those of queries/referrals.py. Nothing is opened: summaries are made of codes.
    """
    summary_of = cache(_summary_of_codes)
    return [_offer_view(row, now=now, summary_of=summary_of) for row in rows]


def _offer_view(row: Row, *, now: datetime, summary_of: Callable[..., str], written_summary: str = "") -> View:
    ended_at = row["ended_at"]
    if isinstance(ended_at, str):
        ended_at = datetime.fromisoformat(ended_at)
    is_over = is_tombstone(row["state"], ended_at, now)
    view = {
        "id": row["id"],
        "reference": row["case__reference"],
        "state": row["state"],
        "reason": row["decline_reason"] or row["withdrawal_reason"] or row["return_reason"] or None,
        "is_tombstone": is_over,
    }
    for name in TIMES:
        view[name] = row[name]
    if is_over:
        return view | _NOTHING
    category, country, region = row["category_id"], row["case__country_id"], row["case__region_id"]
    age_band, child = row["case__age_band"], row["case__child"]
    view["category"] = category
    view["urgency"] = row["case__urgency"]
    view["urgency_rules"] = [reason["code"] for reason in row["case__urgency_reasons"]]
    view["country"] = country
    view["region"] = region
    view["language"] = row["case__language_id"]
    view["age_band"] = age_band or None
    view["child"] = child or None
    # A caseworker's line, else one made of codes; never taken from the story.
    view["summary"] = written_summary or summary_of(category, country, region, age_band, child)
    return view


TIMES = (
    "offered_at",
    "answer_due_at",
    "answered_at",
    "contact_due_at",
    "contacted_at",
    "ended_at",
    "updated_at",
)
_NOTHING: View = dict.fromkeys(
    ("category", "urgency", "urgency_rules", "country", "region", "language", "age_band", "child", "summary")
)


def _summary_of_codes(category: str, country: str, region: str | None, age_band: str, child: str) -> str:
    known = reference_data()
    kind, place = known.categories.get(category), known.regions.get(region or "") or known.countries.get(country)
    parts = [
        kind.label() if kind else category,
        place.label() if place else country,
        str(AgeBand(age_band).label) if age_band else "",
        _("child affected") if child == "yes" else "",
    ]
    return _BETWEEN.join(part for part in parts if part)


# --- the single view ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Disclosed:
    """`groups`: the data groups that the view shows; reading them must leave a record (`record_fetch`)."""

    view: View
    groups: frozenset[str] = field(default_factory=frozenset)


def consented_view(referral: Referral, *, now: datetime) -> Disclosed:
    """The offer view and, once accepted, the data groups that the person consented to, as consent stands now.

    Adds `awaiting_consent` (the person is being asked about this partner) and `data` (None: nothing may be seen).
    `referral` comes with case, partner and agreement versions in memory. Up to five queries.
    """
    if is_tombstone(referral.state, referral.ended_at, now):
        return Disclosed({**offer_view(referral, now=now), "awaiting_consent": False, "data": None})
    report = _report(referral)
    key = _key(report)
    written = referral.case.unseal(key, "summary") if key else ""
    view = offer_view(referral, now=now, written_summary=written or "")
    if key is None or referral.state not in _HOLDS_DATA:
        return Disclosed({**view, "awaiting_consent": False, "data": None})
    may_see, is_asked = _consent(referral, report)
    data = _data(referral, report, key, may_see, now) if may_see is not None else None
    return Disclosed({**view, "awaiting_consent": is_asked, "data": data}, may_see or frozenset())


_HOLDS_DATA = ASSIGNED | {ReferralState.COMPLETED}


def record_fetch(referral: Referral, disclosed: Disclosed, *, now: datetime) -> None:
    """Leaves the access record of a read, before the answer goes out. Nothing personal shown, nothing recorded."""
    if not disclosed.groups:
        return
    with transaction.atomic():
        record_access(
            report_id=referral.case.report_id,
            voice=Voice.PARTNER,
            by_ref=referral.partner_id,
            body_id=referral.partner.body_id,
            purpose=AccessPurpose.CASE_FETCHED,
            groups=disclosed.groups,
            now=now,
        )


def offer_view(referral: Referral, *, now: datetime, written_summary: str = "") -> View:
    """The same of one referral, its case in memory. `written_summary`: a caseworker's line, if there is one."""
    return _offer_view(_row(referral), now=now, summary_of=_summary_of_codes, written_summary=written_summary)


def _row(referral: Referral) -> View:
    """As a list holds it."""
    row = {name: getattr(referral, name) for name in ("id", "state", "category_id", *_REASONS, *TIMES)}
    return row | {f"case__{name}": getattr(referral.case, name) for name in _CASE}


_REASONS = ("decline_reason", "withdrawal_reason", "return_reason")
_CASE = ("reference", "urgency", "urgency_reasons", "country_id", "region_id", "language_id", "age_band", "child")


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


def _is_excluded(report: Report, referral: Referral) -> bool:
    """The person named this body among those that must not see the report."""
    return report.must_not_see.filter(pk=referral.partner.body_id).exists()


# --- the data groups ------------------------------------------------------------------------------------------------


def _data(referral: Referral, report: Report, key: DataKey, groups: frozenset[str], now: datetime) -> View:
    parts = {
        DataGroup.IDENTITY: lambda: report.unseal(key, "identity") or {},
        DataGroup.CONTACT: lambda: _contact(report, key, now),
        DataGroup.STORY: lambda: _story(referral, report, key),
        DataGroup.DOCUMENTS: list,
        DataGroup.FAMILY: lambda: report.unseal(key, "family") or "",
    }
    return {str(group): part() if group in groups else None for group, part in parts.items()}


def _story(referral: Referral, report: Report, key: DataKey) -> View:
    return {
        "subcode": referral.case.subcode or None,
        "text": report.unseal(key, "story") or "",
        "answers": report.unseal(key, "answers") or {},
        "alleged_actor": {"kind": report.actor_kind or None, "name": report.unseal(key, "actor_name") or ""},
    }


def _contact(report: Report, key: DataKey, now: datetime) -> View:
    """Never a number or address without its rules; "never contact" and one that ran out have no value at all."""
    contact = current_contact(report.pk)
    whom: View = {"about": report.about, "subject_unaware": report.subject_unaware}
    if contact is None or contact.never_contact or _has_run_out(contact, now):
        never = contact is not None and contact.never_contact
        return {"reach_by": "mailbox", "never_contact": never, **whom, **dict.fromkeys(_CONTACT)}
    is_safe = safe_contact_now(contact, now)
    return {
        "reach_by": "contact",
        "never_contact": False,
        **whom,
        "method": contact.method,
        "value": contact.unseal(key, "value"),
        "cover_name": contact.unseal(key, "cover_name"),
        "safe_word": contact.unseal(key, "safe_word"),
        "days": list(contact.days),
        "hours_from": f"{contact.hours_from:%H:%M}" if contact.hours_from else None,
        "hours_until": f"{contact.hours_until:%H:%M}" if contact.hours_until else None,
        "timezone": contact.timezone,
        "device_shared": contact.device_shared or None,
        "may_leave_message": contact.may_leave_message,
        "valid_until": contact.valid_until,
        "is_safe_now": is_safe,
        "next_safe_at": None if is_safe else next_safe_moment(contact, now),
    }


_CONTACT = (
    "method",
    "value",
    "cover_name",
    "safe_word",
    "days",
    "hours_from",
    "hours_until",
    "timezone",
    "device_shared",
    "may_leave_message",
    "valid_until",
    "is_safe_now",
    "next_safe_at",
)


def _has_run_out(contact: SafeContact, now: datetime) -> bool:
    """Doubt (an unknown zone) means that it has."""
    if contact.valid_until is None:
        return False
    try:
        return now.astimezone(ZoneInfo(contact.timezone)).date() > contact.valid_until
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True
