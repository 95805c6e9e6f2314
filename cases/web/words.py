"""The words for codes that stand in rows: events, requirements, rules, parts of a score, kinds of notices."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.workflow import DeclineReason, ReferralState, WithdrawalReason
from intake.vocabulary import Gender, Voice

T = gettext_lazy

URGENCIES: Mapping[int, Any] = {1: T("U1 Immediate"), 2: T("U2 Urgent"), 3: T("U3 Soon"), 4: T("U4 Ordinary")}
EVENTS: Mapping[str, Any] = {
    "report_received": T("report received"),
    "case_opened": T("case opened"),
    "urgency_computed": T("urgency computed"),
    "urgency_raised": T("urgency raised"),
    "urgency_lowered": T("urgency lowered"),
    "triage_confirmed": T("triage confirmed"),
    "routing_requested": T("partner search started"),
    "routing_decided": T("decision on the partner recorded"),
    "unrouted": T("no partner found"),
    "referral_offered": T("offered to partner"),
    "referral_accepted": T("accepted by partner"),
    "referral_declined": T("declined by partner"),
    "referral_expired": T("partner did not answer"),
    "referral_withdrawn": T("referral withdrawn"),
    "note_added": T("internal note added"),
    "assigned": T("responsible caseworker set"),
    "responsible_side_set": T("responsible side set"),
    "alert_sent": T("alert sent to the person on duty"),
    "clock_missed": T("deadline missed"),
    "public_status_changed": T("status shown to the reporter changed"),
    "consent_asked": T("the person was asked for consent"),
    "consent_changed": T("consent changed"),
    "overridden": T("decided otherwise"),
    "message_received": T("message from the reporter"),
    "file_added": T("file added by the reporter"),
    "report_corrected": T("report corrected by the reporter"),
    "report_withdrawn": T("report withdrawn"),
    "report_erased": T("report erased"),
    "complaint_received": T("complaint received"),
}
REQUIREMENTS: Mapping[str, Any] = {
    "no_valid_agreement": T("no agreement in force"),
    "agreement_scope": T("outside the scope of the agreement"),
    "data_not_covered": T("the agreement does not cover this data"),
    "partner_inactive": T("partner is not active"),
    "partner_paused": T("partner is paused"),
    "no_service": T("no service for this category"),
    "no_age_or_gender": T("service is not for this age or gender"),
    "no_child_safeguarding": T("no child-safeguarding rules"),
    "out_of_area": T("outside the service area"),
    "no_common_language": T("no common language"),
    "no_free_capacity": T("no free places"),
    "closed_before_deadline": T("closed until after the deadline"),
    "conflict_of_interest": T("conflict of interest"),
    "excluded_by_reporter": T("excluded by the reporter"),
    "no_consent": T("no consent to pass it on"),
    "cross_border_not_allowed": T("the person has not allowed the other country to see it"),
    "memorandum_not_valid": T("the memorandum is not in force"),
    "asked_this_round": T("already asked in this round"),
}
RULES: Mapping[str, Any] = {
    "detained_now": T("held now"),
    "removal_soon": T("date of removal, appeal or permit is near"),
    "violence_now": T("violence or threat now"),
    "minor_alone": T("child alone, or harmed by the carer"),
    "minor": T("child affected"),
    "trafficking": T("signs of forced labour"),
    "medical": T("medical need that cannot wait"),
    "no_documents": T("no identity paper, police check expected"),
    "incommunicado": T("contact lost, or no consul or lawyer"),
    "coerced_contract": T("pressed to sign a contract"),
    "homeless_tonight": T("no shelter tonight"),
    "reprisal": T("threatened for reporting"),
    "repeat": T("third report, or a clock missed twice"),
}
PARTS: Mapping[str, Any] = {
    "specialised": T("specialised in this"),
    "certain": T("takes this person for certain"),
    "area": T("near the place"),
    "language": T("speaks the language"),
    "record": T("answers and accepts"),
    "free": T("free places"),
}
CLOCKS: Mapping[str, Any] = {
    "triage": T("triage"),
    "answer": T("partner's answer"),
    "contact": T("first contact"),
    "unrouted": T("no partner found"),
}
ACTORS: Mapping[str, Any] = {
    "reporter": T("reporter"),
    "staff": T("caseworker"),
    "partner": T("partner organisation"),
    "system": T("system"),
}
NOTICES: Mapping[str, Any] = {
    "urgent_case": T("urgent case"),
    "unrouted": T("no partner found"),
    "declined_by_all": T("declined by all partners"),
    "clock_missed": T("deadline missed"),
    "delivery_given_up": T("a notification was given up"),
    "offer": T("offer"),
    "offer_expired": T("offer has run out"),
    "offer_withdrawn": T("offer withdrawn"),
    "consent_given": T("consent given"),
    "consent_withdrawn": T("consent withdrawn"),
    "message_waiting": T("message for the reporter"),
    "status_changed": T("status shown to the reporter changed"),
}
RESULTS: Mapping[str, Any] = {
    "sent": T("sent"),
    "refused": T("refused by the receiver"),
    "timeout": T("no answer in time"),
    "not_allowed_now": T("not a safe time"),
}
OUTBOX_STATES: Mapping[str, Any] = {
    "due": T("waiting"),
    "in_flight": T("being sent"),
    "sent": T("sent"),
    "dead": T("not delivered"),
    "cancelled": T("cancelled"),
}
AUDIENCES: Mapping[str, Any] = {"staff": T("staff"), "partner": T("partner organisation"), "reporter": T("reporter")}
CHANNELS: Mapping[str, Any] = {"email": T("e-mail"), "webhook": T("webhook"), "sms": T("SMS")}
STEPS: Mapping[str, Any] = {
    "route": T("look for a partner"),
    "in_progress": T("work on it ourselves"),
    "out_of_scope": T("out of scope"),
}
SHARES: Mapping[str, Any] = {
    "any": T("yes, to anybody who can help"),
    "ask_first": T("ask the person first"),
    "none": T("no, to nobody"),
}
IDENTITY: Mapping[str, Any] = {"name": T("Name"), "birth_date": T("Date of birth"), "gender": T("Gender")}
PURPOSES: Mapping[str, Any] = {
    "story_read": T("read the report"),
    "contact_read": T("saw the contact"),
    "identity_read": T("saw the identity"),
    "case_fetched": T("fetched the assigned case"),
    "offer_seen": T("saw what was offered"),
    "message_sent": T("sent a message"),
}
GENDERS: Mapping[str, Any] = dict(Gender.choices)
REFERRAL_STATES: Mapping[str, Any] = dict(ReferralState.choices)
VOICES: Mapping[str, Any] = dict(Voice.choices)
_REASONS: Mapping[str, Any] = {**dict(DeclineReason.choices), **dict(WithdrawalReason.choices)}
DAY = timedelta(hours=24)


def label(labels: Any) -> str:
    """The label in the reader's language out of `{"az": …, "ru": …, "en": …}`, else in English."""
    if not isinstance(labels, Mapping):
        return str(labels or "")
    return str(labels.get((get_language() or "en")[:2]) or labels.get("en") or "")


def time_left(due_at: datetime, now: datetime) -> str:
    """In the glossary's words: hours; under two hours minutes; from four days on days."""
    gap = due_at - now
    words = {
        False: (_("{n} min left"), _("{n} h left"), _("{n} d left")),
        True: (_("overdue by {n} min"), _("overdue by {n} h"), _("overdue by {n} d")),
    }[gap < timedelta(0)]
    minutes = int(abs(gap).total_seconds() // 60)
    if minutes < 120:
        return words[0].format(n=minutes)
    return words[1].format(n=minutes // 60) if minutes < 96 * 60 else words[2].format(n=minutes // (24 * 60))


def event_details(event: Mapping[str, Any], partners: Mapping[str, Any]) -> str:
    """What a line of the timeline says beyond its code: the partner, the reason, the urgency."""
    details = event["details"]
    said = []
    partner = partners.get(str(details.get("partner", "")))
    if partner:
        said.append(label(partner["body__labels"]))
    if details.get("reason") in _REASONS:
        said.append(str(_REASONS[details["reason"]]))
    if details.get("urgency") in URGENCIES:
        said.append(str(URGENCIES[details["urgency"]]))
    if details.get("next_step") in STEPS:
        said.append(str(STEPS[details["next_step"]]))
    return ", ".join(said)
