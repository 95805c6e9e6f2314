"""What the demo must hold, so that no page of the console and no state of a case is shown empty. One look each."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, F

from cases.models import (
    Case,
    CaseDate,
    CaseLink,
    ClockPause,
    ClosingProposal,
    ContactAttempt,
    Job,
    Merge,
    Referral,
    TimelineEvent,
    User,
    VitalInterest,
)
from cases.models.approval import ApprovalKind
from cases.queries.approvals import waiting_approvals
from cases.queries.closing import waiting_closings
from cases.queries.complaints import complaints
from cases.queries.erasures import unconfirmed_erasures
from cases.queries.follow_ups import my_follow_ups
from cases.queries.groups import visible_groups
from cases.queries.holds import holds
from cases.queries.queue import TABS, Filters, queue
from cases.queries.vital_interest import waiting_vital_interests
from cases.workflow import LinkKind, LinkState, ReferralState
from intake.models import Attachment, Complaint, ConsentRequest, Message
from intake.vocabulary import FileKind, FileState, Side, Voice

Look = Callable[[datetime], object]

EVENTS = [
    "referral_accepted",
    "referral_contacted",
    "partner_attempted",
    "referral_progressed",
    "referral_completed",
    "referral_returned",
    "referral_declined",
    "referral_expired",
    "case_resolved",
    "case_closed",
    "case_reopened",
    "closing_proposed",
    "closing_sent_back",
    "contact_attempted",
    "clocks_paused",
    "clock_half_way",
    "clock_missed",
    "date_entered",
    "follow_up_added",
    "follow_up_done",
    "merged",
    "merged_into_this",
    "grouped",
    "link_confirmed",
    "vital_interest_asked",
    "vital_interest_approved",
    "complaint_received",
    "complaint_answered",
    "report_withdrawn",
    "report_erased",
    "erasure_confirmed",
    "consent_changed",
    "reviewed",
    "legal_hold_set",
    "transfer_asked",
    "note_added",
    "message_sent",
    "message_received",
    "unrouted",
    "urgency_raised",
]
STATES: Mapping[str, Look] = {
    "closing approved by a second person": lambda _: ClosingProposal.objects.filter(approved_at__isnull=False),
    "contact lost": lambda _: ClosingProposal.objects.filter(outcome="lost_contact"),
    "an attempt that was not safe": lambda _: ContactAttempt.objects.filter(result="unsafe"),
    "a report three times by one person": lambda _: Case.objects.filter(urgency_reasons__icontains="repeat"),
    "a case that waits, its clocks paused": lambda _: ClockPause.objects.filter(until_at=None, by__isnull=False),
    "a person being asked for consent": lambda _: ConsentRequest.objects.filter(answered_at=None, closed_at=None),
    "a date set by law in the next three days": lambda now: CaseDate.objects.filter(
        withdrawn_at=None, ends_at__range=(now, now + timedelta(days=3))
    ),
    "a person who is not to be told yet": lambda _: VitalInterest.objects.in_force().filter(told_at=None),
    "a complaint about us": lambda _: Complaint.objects.filter(about=None, answered_at=None),
    "a complaint about a partner": lambda _: Complaint.objects.filter(about__isnull=False, answered_at=None),
    "an answered complaint": lambda _: Complaint.objects.filter(answered_at__isnull=False),
    "every file cleaned": lambda _: not Attachment.objects.exclude(state=FileState.READY).exists(),
    **{
        f"a file: {kind}": lambda _, kind=kind: Attachment.objects.filter(kind=kind)
        for kind in (FileKind.PHOTO, FileKind.PDF, FileKind.AUDIO)
    },
    "messages both ways": lambda _: (
        Message.objects.filter(voice=Voice.REPORTER) and Message.objects.filter(voice=Voice.CASEWORKER)
    ),
    "a merged pair": lambda _: Merge.objects.in_force(),
    "a group of three": lambda _: (
        TimelineEvent.objects.filter(code="grouped")
        .values("details__group")
        .annotate(cases=Count("case", distinct=True))
        .filter(cases__gte=3)
    ),
    "a case offered to another partner while the first has it": lambda _: Referral.objects.filter(
        takes_over_from__isnull=False
    ),
    "a dry run that is done": lambda _: Job.objects.filter(state="done", total__gt=0, done=F("total")),
    **{
        f"a suggested link: {kind}": lambda _, kind=kind: CaseLink.objects.filter(state=LinkState.SUGGESTED, kind=kind)
        for kind in LinkKind.values
    },
    **{
        f"a referral {state}": lambda _, state=state: Referral.objects.filter(state=state)
        for state in ReferralState.values
        if state != ReferralState.TRANSFERRED
    },
}


def missing_states(now: datetime) -> list[str]:
    """Names of what has not happened in the demo."""
    happened = set(TimelineEvent.objects.values_list("code", flat=True).distinct())
    return [code for code in EVENTS if code not in happened] + [name for name, look in STATES.items() if not look(now)]


def empty_pages(now: datetime) -> list[str]:
    """Names of pages on which a side would find nothing."""
    found = []
    for side in Side.values:
        supervisor, coordinator = someone("supervisor", side), someone("partner_coordinator", side)
        transfers = [
            one for one in waiting_approvals(supervisor, now) if one.request.kind == ApprovalKind.CASE_TRANSFER
        ]
        workers = User.objects.filter(side=side, roles__icontains="caseworker")
        pages: dict[str, object] = {
            "complaints": complaints(supervisor),
            "vital interests": waiting_vital_interests(supervisor, now.date()),
            "holds": holds(supervisor, now),
            "closings": waiting_closings(supervisor),
            "erasures": unconfirmed_erasures(side=side),
            "agreements to approve": waiting_approvals(coordinator, now),
            "transfers to approve": transfers,
            "follow-ups": any(my_follow_ups(user, now) for user in workers),
        }
        for tab in TABS:
            whose = workers[0] if tab == "mine" else supervisor
            pages[f"queue: {tab}"] = queue(whose, tab=tab, filters=Filters(), after="", now=now).rows
        found += [f"{side} {name}" for name, rows in pages.items() if not rows]
    if not visible_groups(someone("supervisor", "AZ")):
        found.append("groups")
    return found


def someone(role: str, side: str) -> User:
    people = User.objects.filter(side=side).order_by("email")
    return next(user for user in people if role in user.roles)
