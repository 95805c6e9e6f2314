"""From a notice's kind, language and codes to the words that are sent. Knows no row; decides nothing about sending.

A text says no more than its audience may know: a reporter's is one neutral sentence, made without looking at `params`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.workflow import DateKind, WithdrawalReason
from intake.vocabulary import Side

STAFF, PARTNER, REPORTER = "staff", "partner", "reporter"
KINDS: Mapping[str, str] = {
    "urgent_case": STAFF,
    "unrouted": STAFF,
    "declined_by_all": STAFF,
    "clock_missed": STAFF,
    "clock_half_way": STAFF,
    "date_near": STAFF,
    "delivery_given_up": STAFF,
    "reporter_wrote": STAFF,
    "given_back": STAFF,
    "complaint": STAFF,
    "supervisor_missing": STAFF,
    "transfer_waits": STAFF,
    "case_transferred": STAFF,
    "agreement_ending": STAFF,
    "closing_proposed": STAFF,
    "vital_interest_asked": STAFF,
    "closing_sent_back": STAFF,
    "follow_up": STAFF,
    "partner_moved": STAFF,
    "conflict_found": STAFF,
    "offer": PARTNER,
    "offer_reminder": PARTNER,
    "offer_expired": PARTNER,
    "offer_withdrawn": PARTNER,
    "consent_given": PARTNER,
    "consent_changed": PARTNER,
    "consent_withdrawn": PARTNER,
    "erasure_requested": PARTNER,
    "erasure_reminder": PARTNER,
    "own_agreement_ending": PARTNER,
    "message_waiting": REPORTER,
    "status_changed": REPORTER,
}
ABOUT_NO_CASE = frozenset({"agreement_ending", "own_agreement_ending", "supervisor_missing"})  # by mail only
CHANNELS: Mapping[str, frozenset[str]] = {
    STAFF: frozenset({"email"}),
    PARTNER: frozenset({"email", "webhook"}),
    REPORTER: frozenset({"email"}),
}
URGENCIES: Mapping[int, Promise] = {
    1: _("U1 Immediate"),
    2: _("U2 Urgent"),
    3: _("U3 Soon"),
    4: _("U4 Ordinary"),
}
CLOCKS: Mapping[str, Promise] = {
    "triage": _("triage"),
    "answer": _("answer of the partner organisation"),
    "contact": _("first contact with the person"),
    "unrouted": _("no partner found"),
    "review": _("to be looked at again"),
    "waiting": _("waiting for reporter"),
}
MOVED: Mapping[str, Promise] = {
    "unsafe": _("reaching the person was not safe"),
    "completed": _("partner has finished"),
    "returned": _("partner gave the case back"),
    "transfer_failed": _("transfer did not come about"),
}
# Django's Azerbaijani months begin with a capital, which inside a sentence is wrong.
MOMENTS: Mapping[str, str] = {"az": "d.m.Y, H:i"}
DAYS: Mapping[str, str] = {"az": "d.m.Y"}
_DAY = "j E Y"


@dataclass(frozen=True, slots=True)
class Rendered:
    """For a webhook `subject` is the event's type and `text` the JSON body. A reporter's mail has no HTML part."""

    subject: str
    text: str
    html: str | None = None


def render(kind: str, language: str, audience: str, channel: str, params: Mapping[str, Any]) -> Rendered:
    """The message in `language`. Raises ValueError when the kind is not for that audience and channel."""
    if KINDS.get(kind) != audience or channel not in CHANNELS[audience]:
        raise ValueError(f"no message {kind} for {audience} by {channel}")
    if channel == "webhook":
        if kind in ABOUT_NO_CASE:
            raise ValueError(f"no message {kind} by {channel}")
        return _webhook(kind, params)
    with translation.override(language):
        words = _words_of(kind, audience, params)
        subject = " ".join(_fill(f"{kind}.subject.txt", words).split())
        text = _fill(f"{kind}.txt", words).strip() + "\n"
        if audience == REPORTER:
            return Rendered(subject, text)
        html = _fill("message.html", {"subject": subject, "text": text, "language": language}, autoescape=True)
    return Rendered(subject, text, html)


def _fill(template: str, words: Mapping[str, Any], *, autoescape: bool = False) -> str:
    found = Engine.get_default().get_template(f"messages/{template}")
    return str(found.render(Context(dict(words), autoescape=autoescape)))


def _words_of(kind: str, audience: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "supervisor_missing":
        what = params.get("what", "complaint")
        return {"side": Side(params["side"]).label, "what": what, "link": f"{settings.SITE_URL}/console/health/"}
    return _agreement_words(params) if kind in ABOUT_NO_CASE else _words(audience, params)


def _agreement_words(params: Mapping[str, Any]) -> dict[str, Any]:
    """An agreement is no person's: its code, its last day and whose it is may be named."""
    return {
        "agreement": params["agreement"],
        "days": params["days"],
        "is_memorandum": params["is_memorandum"],
        "last_day": date_format(
            date.fromisoformat(params["last_day"]), DAYS.get(translation.get_language() or "", _DAY)
        ),
        "side": Side(params["side"]).label if params.get("side") else "",
        "link": f"{settings.SITE_URL}/console/partners/agreements/{params['agreement']}/",
    }


def _words(audience: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The codes and ids of `params` in words, and nothing else of it. A reporter's notice has none."""
    if audience == REPORTER:
        return {}
    words = {"reference": params["reference"], "urgency": URGENCIES[params["urgency"]]}
    if audience == STAFF:
        link = f"{settings.SITE_URL}/console/cases/{params['reference']}/"
        complaints = f"{settings.SITE_URL}/console/complaints/"
        approvals = f"{settings.SITE_URL}/console/approvals/"
        codes = {"clock": CLOCKS.get(params.get("clock", ""), ""), "moved": MOVED.get(params.get("what", ""), "")}
        return {**words, **codes, **_date(params), "link": link, "complaints": complaints, "approvals": approvals}
    return {
        **words,
        "link": referral_url(params["referral"]),
        "reason": WithdrawalReason(params["reason"]).label if params.get("reason") in WithdrawalReason else "",
        "answer_due": _moment(params, "answer_due_at"),
        "contact_due": _moment(params, "contact_due_at"),
    }


def _date(params: Mapping[str, Any]) -> dict[str, Any]:
    kind, days = params.get("date_kind"), params.get("days")
    return (
        {"date_kind": DateKind(kind).label, "days": days}
        if isinstance(kind, str) and kind in DateKind and isinstance(days, int)
        else {}
    )


def referral_url(referral_id: str) -> str:
    """Where a partner reads it."""
    return f"{settings.SITE_URL}/api/v1/referrals/{referral_id}/"


def _moment(params: Mapping[str, Any], name: str) -> str:
    """In the reader's zone, which is named: 24 November 2026, 14:00 (UTC+04:00)."""
    if not params.get(name):
        return ""
    local = datetime.fromisoformat(params[name]).astimezone(ZoneInfo(params["timezone"]))
    offset = local.strftime("%z")
    moment = date_format(local, MOMENTS.get(translation.get_language() or "", "j E Y, H:i"))
    return f"{moment} (UTC{offset[:3]}:{offset[3:5]})"


# What partners hear without the referral having moved.
_NO_MOVE = frozenset({"offer_reminder", "consent_given", "consent_changed", "erasure_requested", "erasure_reminder"})


def _webhook(kind: str, params: Mapping[str, Any]) -> Rendered:
    """Standard Webhooks 1.0, thin: what happened to which referral, and where to read it. Equals the feed's line."""
    event = f"referral.{kind if kind in _NO_MOVE else params['state']}"
    body = {
        "type": event,
        "timestamp": params["at"],
        "data": {
            "referral": params["referral"],
            "reference": params["reference"],
            "state": params["state"],
            "reason": params["reason"],
            "url": referral_url(params["referral"]),
        },
    }
    return Rendered(event, json.dumps(body, separators=(",", ":")))
