"""Before accepting, and after the end: codes, times and one line. Opens nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Referral
from cases.workflow import TOMBSTONES, ReferralState
from intake.queries import reference_data
from intake.vocabulary import AgeBand

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


def offer_view(referral: Referral, *, now: datetime, written_summary: str = "", gender: str = "") -> View:
    """The same of one referral, its case in memory. `written_summary`: a caseworker's line, if there is one. `gender`:
    where the partner's service is for one only, and it is known."""
    view = _offer_view(_row(referral), now=now, summary_of=_summary_of_codes, written_summary=written_summary)
    return view | {"gender": gender or None}


def _row(referral: Referral) -> View:
    """As a list holds it."""
    row = {name: getattr(referral, name) for name in ("id", "state", "category_id", *_REASONS, *TIMES)}
    return row | {f"case__{name}": getattr(referral.case, name) for name in _CASE}


_REASONS = ("decline_reason", "withdrawal_reason", "return_reason")
_CASE = (
    "reference",
    "urgency",
    "urgency_reasons",
    "country_id",
    "region_id",
    "language_id",
    "age_band",
    "child",
    "dates",
)


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
        "offered_at": row["offered_at"],
        "answer_due_at": row["answer_due_at"],
        "answered_at": row["answered_at"],
        "contact_due_at": row["contact_due_at"],
        "contacted_at": row["contacted_at"],
        "ended_at": row["ended_at"],
        "updated_at": row["updated_at"],
    }
    return view | (_NOTHING if is_over else _of_the_case(row, summary_of, written_summary))


def _of_the_case(row: Row, summary_of: Callable[..., str], written_summary: str) -> View:
    category, country, region = row["category_id"], row["case__country_id"], row["case__region_id"]
    age_band, child = row["case__age_band"], row["case__child"]
    return {
        "category": category,
        "urgency": row["case__urgency"],
        "urgency_rules": [reason["code"] for reason in row["case__urgency_reasons"]],
        "country": country,
        "region": region,
        "language": row["case__language_id"],
        "deadlines": [{name: one[name] for name in ("kind", "date", "ends_at")} for one in row["case__dates"]],
        "age_band": age_band or None,
        "child": child or None,
        "gender": None,  # a list opens nothing
        # A caseworker's line, else one made of codes; never taken from the story.
        "summary": written_summary or summary_of(category, country, region, age_band, child),
    }


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
    (
        "category",
        "urgency",
        "urgency_rules",
        "country",
        "region",
        "language",
        "deadlines",
        "age_band",
        "child",
        "gender",
        "summary",
    )
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
