"""The words for codes that stand in rows: events, requirements, rules, parts of a score, kinds of notices."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases.workflow import ContactChannel, DeclineReason, Outcome, Reached, ReferralState, WithdrawalReason
from intake.vocabulary import DataGroup, FileKind, FileState, Gender, Voice

URGENCIES: Mapping[int, Any] = {1: _("U1 Immediate"), 2: _("U2 Urgent"), 3: _("U3 Soon"), 4: _("U4 Ordinary")}
EVENTS: Mapping[str, Any] = {
    "report_received": _("report received"),
    "case_opened": _("case opened"),
    "urgency_computed": _("urgency computed"),
    "urgency_raised": _("urgency raised"),
    "urgency_lowered": _("urgency lowered"),
    "triage_confirmed": _("triage confirmed"),
    "routing_requested": _("partner search started"),
    "routing_decided": _("decision on the partner recorded"),
    "unrouted": _("no partner found"),
    "referral_offered": _("offered to partner"),
    "referral_accepted": _("accepted by partner"),
    "referral_declined": _("declined by partner"),
    "referral_expired": _("partner did not answer"),
    "referral_withdrawn": _("referral withdrawn"),
    "referral_contacted": _("partner reached the person"),
    "contact_attempted": _("partner tried to reach the person"),
    "referral_progressed": _("news from the partner"),
    "referral_completed": _("partner has finished"),
    "referral_returned": _("partner gave the case back"),
    "transfer_offered": _("offered to partner to take over"),
    "referral_transferred": _("case handed over to another partner"),
    "access_ended": _("partner's 30 days of reading ended"),
    "note_added": _("internal note added"),
    "assigned": _("responsible caseworker set"),
    "responsible_side_set": _("responsible side set"),
    "alert_sent": _("alert sent to the person on duty"),
    "clock_missed": _("deadline missed"),
    "public_status_changed": _("status shown to the reporter changed"),
    "consent_asked": _("the person was asked for consent"),
    "consent_changed": _("consent changed"),
    "overridden": _("decided otherwise"),
    "message_received": _("message from the reporter"),
    "file_added": _("file added by the reporter"),
    "report_corrected": _("report corrected by the reporter"),
    "report_withdrawn": _("report withdrawn"),
    "report_erased": _("report erased"),
    "erasure_confirmed": _("partner confirmed that its copies are deleted"),
    "legal_hold_set": _("legal hold set"),
    "legal_hold_lifted": _("legal hold lifted"),
    "complaint_received": _("complaint received"),
    "message_sent": _("message to the reporter"),
    "complaint_answered": _("complaint answered"),
    "recused": _("somebody who knows the person stepped back"),
    "vital_interest_asked": _("vital interest: asked"),
    "vital_interest_approved": _("vital interest: approved"),
    "vital_interest_refused": _("vital interest: refused"),
    "vital_interest_put_off": _("vital interest: not yet safe to tell the person"),
    "vital_interest_told": _("vital interest: the person was told"),
    "vital_interest_ended": _("vital interest: ended"),
}
REQUIREMENTS: Mapping[str, Any] = {
    "no_valid_agreement": _("no agreement in force"),
    "agreement_scope": _("outside the scope of the agreement"),
    "data_not_covered": _("the agreement does not cover this data"),
    "partner_inactive": _("partner is not active"),
    "partner_paused": _("partner is paused"),
    "no_service": _("no service for this category"),
    "no_age_or_gender": _("service is not for this age or gender"),
    "no_child_safeguarding": _("no child-safeguarding rules"),
    "out_of_area": _("outside the service area"),
    "no_common_language": _("no common language"),
    "no_free_capacity": _("no free places"),
    "closed_before_deadline": _("closed until after the deadline"),
    "conflict_of_interest": _("conflict of interest"),
    "excluded_by_reporter": _("excluded by the reporter"),
    "no_consent": _("no consent to pass it on"),
    "cross_border_not_allowed": _("the person has not allowed the other country to see it"),
    "memorandum_not_valid": _("the memorandum is not in force"),
    "asked_this_round": _("already asked in this round"),
}
RULES: Mapping[str, Any] = {
    "detained_now": _("held now"),
    "removal_soon": _("date of removal, appeal or permit is near"),
    "violence_now": _("violence or threat now"),
    "minor_alone": _("child alone, or harmed by the carer"),
    "minor": _("child affected"),
    "trafficking": _("signs of forced labour"),
    "medical": _("medical need that cannot wait"),
    "no_documents": _("no identity paper, police check expected"),
    "incommunicado": _("contact lost, or no consul or lawyer"),
    "coerced_contract": _("pressed to sign a contract"),
    "homeless_tonight": _("no shelter tonight"),
    "reprisal": _("threatened for reporting"),
    "repeat": _("third report, or a clock missed twice"),
}
PARTS: Mapping[str, Any] = {
    "specialised": _("specialised in this"),
    "certain": _("takes this person for certain"),
    "area": _("near the place"),
    "language": _("speaks the language"),
    "record": _("answers and accepts"),
    "free": _("free places"),
}
CLOCKS: Mapping[str, Any] = {
    "triage": _("triage"),
    "answer": _("partner's answer"),
    "contact": _("first contact"),
    "unrouted": _("no partner found"),
}
ACTORS: Mapping[str, Any] = {
    "reporter": _("reporter"),
    "staff": _("caseworker"),
    "partner": _("partner organisation"),
    "system": _("system"),
}
NOTICES: Mapping[str, Any] = {
    "urgent_case": _("urgent case"),
    "unrouted": _("no partner found"),
    "declined_by_all": _("declined by all partners"),
    "clock_missed": _("deadline missed"),
    "delivery_given_up": _("a notification was given up"),
    "reporter_wrote": _("the reporter wrote"),
    "partner_moved": _("news from the partner"),
    "complaint": _("complaint"),
    "offer": _("offer"),
    "offer_expired": _("offer has run out"),
    "offer_withdrawn": _("offer withdrawn"),
    "consent_given": _("consent given"),
    "consent_changed": _("consent changed"),
    "consent_withdrawn": _("consent withdrawn"),
    "message_waiting": _("message for the reporter"),
    "status_changed": _("status shown to the reporter changed"),
}
RESULTS: Mapping[str, Any] = {
    "sent": _("sent"),
    "refused": _("refused by the receiver"),
    "timeout": _("no answer in time"),
    "not_allowed_now": _("not a safe time"),
}
OUTBOX_STATES: Mapping[str, Any] = {
    "due": _("waiting"),
    "in_flight": _("being sent"),
    "sent": _("sent"),
    "dead": _("not delivered"),
    "cancelled": _("cancelled"),
}
AUDIENCES: Mapping[str, Any] = {"staff": _("staff"), "partner": _("partner organisation"), "reporter": _("reporter")}
CHANNELS: Mapping[str, Any] = {"email": _("e-mail"), "webhook": _("webhook"), "sms": _("SMS")}
STEPS: Mapping[str, Any] = {
    "route": _("look for a partner"),
    "in_progress": _("work on it ourselves"),
    "out_of_scope": _("out of scope"),
}
SHARES: Mapping[str, Any] = {
    "any": _("yes, to anybody who can help"),
    "ask_first": _("ask the person first"),
    "none": _("no, to nobody"),
}
FILE_KINDS: Mapping[str, Any] = {kind.value: kind.label for kind in FileKind}
FILE_STATES: Mapping[str, Any] = {state.value: state.label for state in FileState}
FILE_REASONS: Mapping[str, Any] = {
    "encrypted": _("locked with a password"),
    "damaged": _("damaged, or not what it begins like"),
    "picture_too_large": _("too many points"),
    "too_complex": _("cannot be opened safely"),
    "cannot_clean": _("hidden data cannot be removed"),
    "infected": _("harmful, found by the scanner"),
    "archive": _("a packed file"),
    "not_accepted": _("a kind that we do not take"),
}
IDENTITY: Mapping[str, Any] = {"name": _("Name"), "birth_date": _("Date of birth"), "gender": _("Gender")}
PURPOSES: Mapping[str, Any] = {
    "story_read": _("read the report"),
    "contact_read": _("saw the contact"),
    "identity_read": _("saw the identity"),
    "case_fetched": _("fetched the assigned case"),
    "offer_seen": _("saw what was offered"),
    "message_sent": _("sent a message"),
}
GIVEN: Mapping[str, Any] = {
    "form": _("in the form"),
    "mailbox": _("on the reporter's page"),
    "verbal": _("aloud on the telephone, words read by"),
    "api": _("through a hotline"),
}
PAGE_NOTICES: Mapping[str, Any] = {
    "vital_interest": _("told that data were passed on for vital interest"),
}
GROUPS: Mapping[str, Any] = dict(DataGroup.choices)
GENDERS: Mapping[str, Any] = dict(Gender.choices)
REFERRAL_STATES: Mapping[str, Any] = dict(ReferralState.choices)
VOICES: Mapping[str, Any] = dict(Voice.choices)
_REASONS: Mapping[str, Any] = {**dict(DeclineReason.choices), **dict(WithdrawalReason.choices)}
_SAID: Mapping[str, Mapping[str, Any]] = {
    "reached": dict(Reached.choices),
    "channel": dict(ContactChannel.choices),
    "outcome": dict(Outcome.choices),
}
DAY = timedelta(hours=24)


def label(labels: Any) -> str:
    """The label in the reader's language out of `{"az": …, "ru": …, "en": …}`, else in English."""
    if not isinstance(labels, Mapping):
        return str(labels or "")
    return str(labels.get((get_language() or "en").partition("-")[0]) or labels.get("en") or "")


def time_left(due_at: datetime, now: datetime) -> str:
    """In the glossary's words: hours; under two hours minutes; from four days on days."""
    gap = due_at - now
    words = {
        False: (gettext("{n} min left"), gettext("{n} h left"), gettext("{n} d left")),
        True: (gettext("overdue by {n} min"), gettext("overdue by {n} h"), gettext("overdue by {n} d")),
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
    said += [str(known[details[name]]) for name, known in _SAID.items() if details.get(name) in known]
    if details.get("urgency") in URGENCIES:
        said.append(str(URGENCIES[details["urgency"]]))
    if details.get("next_step") in STEPS:
        said.append(str(STEPS[details["next_step"]]))
    return ", ".join(said)
