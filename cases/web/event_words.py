"""The words for a line of the timeline: what happened, and what its codes say beyond that."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.web import words
from cases.workflow import DeclineReason, ReopenReason, SeparationReason, WithdrawalReason

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
    "partner_attempted": _("partner tried to reach the person"),
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
    "alert_escalated": _("alert sent further"),
    "clock_missed": _("deadline missed"),
    "clock_half_way": _("half of the time is over"),
    "clocks_paused": _("waiting for the reporter"),
    "clocks_resumed": _("goes on after waiting"),
    "date_entered": _("date entered"),
    "date_removed": _("date removed"),
    "date_near": _("a date is near"),
    "date_passed": _("a date is over"),
    "date_looked_at": _("a date was looked at again"),
    "public_status_changed": _("status shown to the reporter changed"),
    "consent_asked": _("the person was asked for consent"),
    "consent_changed": _("consent changed"),
    "overridden": _("decided otherwise"),
    "message_received": _("message from the reporter"),
    "file_added": _("file added by the reporter"),
    "report_corrected": _("report corrected by the reporter"),
    "conflict_found": _("possible conflict of interest"),
    "report_withdrawn": _("report withdrawn"),
    "report_erased": _("report erased"),
    "erasure_confirmed": _("partner confirmed that its copies are deleted"),
    "legal_hold_set": _("legal hold set"),
    "legal_hold_lifted": _("legal hold lifted"),
    "complaint_received": _("complaint received"),
    "message_sent": _("message to the reporter"),
    "complaint_answered": _("complaint answered"),
    "link_confirmed": _("link confirmed"),
    "link_refused": _("link refused"),
    "link_undone": _("link taken back"),
    "merged": _("merged into another case"),
    "merged_into_this": _("another case was merged into this one"),
    "unmerged": _("merge undone"),
    "unmerged_from_this": _("merge with another case undone"),
    "grouped": _("added to a group of cases"),
    "ungrouped": _("removed from the group of cases"),
    "recused": _("somebody who knows the person stepped back"),
    "vital_interest_asked": _("vital interest: asked"),
    "vital_interest_approved": _("vital interest: approved"),
    "vital_interest_refused": _("vital interest: refused"),
    "vital_interest_put_off": _("vital interest: not yet safe to tell the person"),
    "vital_interest_told": _("vital interest: the person was told"),
    "vital_interest_ended": _("vital interest: ended"),
    "transfer_asked": _("transfer to the other side: asked"),
    "transfer_approved": _("transfer to the other side: approved by one side"),
    "transfer_refused": _("transfer to the other side: refused"),
    "unassigned": _("nobody responsible any more"),
    "case_resolved": _("case resolved"),
    "case_closed": _("case closed"),
    "closing_proposed": _("closing proposed"),
    "closing_sent_back": _("closing sent back"),
    "closing_taken_back": _("proposal to close taken back"),
    "case_reopened": _("case reopened"),
    "left_ended": _("looked at after the end, left as it is"),
    "reviewed": _("looked at again"),
    "contact_attempted": _("attempt to reach the person"),
    "follow_up_added": _("follow-up set"),
    "follow_up_moved": _("follow-up moved"),
    "follow_up_done": _("follow-up done"),
    "follow_up_removed": _("follow-up removed"),
}
_REASONS: Mapping[str, Any] = {
    **dict(DeclineReason.choices),
    **dict(WithdrawalReason.choices),
    **dict(SeparationReason.choices),
    **dict(ReopenReason.choices),
}


def event_details(event: Mapping[str, Any], partners: Mapping[str, Any]) -> str:
    """What a line of the timeline says beyond its code: the partner, the reason, the urgency."""
    details = event["details"]
    said = []
    partner = partners.get(str(details.get("partner", "")))
    if partner:
        said.append(words.label(partner["body__labels"]))
    said += [str(known[details[name]]) for name, known in _BEFORE if details.get(name) in known]
    if event.get("other_case"):
        said.append(str(event["other_case"]))
    said += [str(known[details[name]]) for name, known in _AFTER if details.get(name) in known]
    return ", ".join(said)


# Which words a code in a line's details has, in the order in which they are said.
_BEFORE: tuple[tuple[str, Mapping[Any, Any]], ...] = (("reason", _REASONS), ("kind", words.LINK_KINDS))
_AFTER: tuple[tuple[str, Mapping[Any, Any]], ...] = (
    ("urgency", words.URGENCIES),
    ("clock", words.CLOCKS),
    ("pause", words.PAUSES),
    ("date_kind", words.DATES),
    ("next_step", words.STEPS),
    ("outcome", words.OUTCOMES),
    ("channel", words.CONTACT_METHODS),
    ("result", words.ATTEMPTS),
    ("reached", words.REACHED),
)
