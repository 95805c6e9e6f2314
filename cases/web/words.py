"""The words for codes that stand in rows: requirements, rules, parts of a score, kinds of notices, and more. Those of
the timeline stand in event_words.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases.workflow import (
    ContactChannel,
    ContactResult,
    DateKind,
    LinkGround,
    LinkKind,
    LinkState,
    Outcome,
    PauseReason,
    Reached,
    ReferralState,
    TransferReason,
)
from intake.vocabulary import ContactMethod, DataGroup, FileKind, FileState, Gender, Voice

URGENCIES: Mapping[int, Any] = {1: _("U1 Immediate"), 2: _("U2 Urgent"), 3: _("U3 Soon"), 4: _("U4 Ordinary")}
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
    "review": _("to be looked at again"),
    "waiting": _("look again"),
    "date": _("date set by law"),
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
    "clock_half_way": _("half of the time is over"),
    "date_near": _("a date is near"),
    "delivery_given_up": _("a notification was given up"),
    "reporter_wrote": _("the reporter wrote"),
    "given_back": _("the case stands alone again"),
    "partner_moved": _("news from the partner"),
    "conflict_found": _("possible conflict of interest"),
    "complaint": _("complaint"),
    "supervisor_missing": _("a complaint waits for a supervisor"),
    "transfer_waits": _("transfer waits for approval"),
    "case_transferred": _("case given to your side"),
    "agreement_ending": _("agreement ends soon"),
    "own_agreement_ending": _("agreement ends soon"),
    "closing_proposed": _("closing proposed"),
    "vital_interest_asked": _("vital interest: asked"),
    "closing_sent_back": _("closing sent back"),
    "follow_up": _("follow-up"),
    "offer": _("offer"),
    "offer_reminder": _("please answer the offer"),
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
    "transfer_asked": _("asked whether people in the other country may look after it"),
    "transferred": _("told that people in the other country look after it now"),
    "vital_interest": _("told that data were passed on for vital interest"),
}
GROUPS: Mapping[str, Any] = dict(DataGroup.choices)
GENDERS: Mapping[str, Any] = dict(Gender.choices)
REFERRAL_STATES: Mapping[str, Any] = dict(ReferralState.choices)
VOICES: Mapping[str, Any] = dict(Voice.choices)
LINK_KINDS: Mapping[str, Any] = dict(LinkKind.choices)
LINK_STATES: Mapping[str, Any] = dict(LinkState.choices)
LINK_GROUNDS: Mapping[str, Any] = dict(LinkGround.choices)
ATTEMPTS: Mapping[str, Any] = dict(ContactResult.choices)
CONTACT_METHODS: Mapping[str, Any] = {**dict(ContactChannel.choices), **dict(ContactMethod.choices)}
OUTCOMES: Mapping[str, Any] = dict(Outcome.choices)
TRANSFER_REASONS: Mapping[str, Any] = dict(TransferReason.choices)
WIND_DOWNS: Mapping[str, Any] = {
    "finish": _("running cases go on to their end"),
    "hand_back": _("running cases are handed back"),
}
PAUSES: Mapping[str, Any] = dict(PauseReason.choices)
DATES: Mapping[str, Any] = dict(DateKind.choices)
REACHED: Mapping[str, Any] = dict(Reached.choices)
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
