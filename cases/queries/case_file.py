"""Everything that the case file shows on one screen, in a number of statements that does not grow with the case.

Story, answers and notes are opened here with the report's key; contact and identity are in `personal.py`. That somebody
read is recorded by cases.actions.open_file before any of this is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from cases.models import (
    ApprovalRequest,
    Case,
    ClockPause,
    ClosingProposal,
    DutyAlert,
    Note,
    PartnerOrganisation,
    Referral,
    RoutingDecision,
    TimelineEvent,
    User,
)
from cases.queries.approvals import stated_transfer
from cases.queries.attempts import Attempts, attempts_of
from cases.queries.closing import waiting_closing
from cases.queries.conversation import Line, conversation
from cases.queries.erasures import UnconfirmedErasure, unconfirmed_erasures
from cases.queries.follow_ups import Reminder, follow_ups_of
from cases.queries.holds import stated_hold
from cases.queries.people import assignable_people
from cases.queries.reach import reachable
from cases.queries.retention import hold_of
from cases.queries.said import Said, said
from cases.queries.second_person import undecidable
from cases.queries.vital_interest import Stated, vital_interests_of
from intake.encryption import DataKey
from intake.errors import ReportErased
from intake.models import AccessRecord, Consent, LegalHold, ReportKey, SafeContact
from intake.queries import ConsentInForce, consent_in_force, current_contact
from intake.vocabulary import AccessPurpose, Voice

NEWEST_EVENTS = 50
MOST_ANSWERS = 100  # rows of consent that are looked at
_CLOSED_FIELDS = ("report__identity", "report__family", "chain_head")


@dataclass(frozen=True, slots=True)
class Given:
    """One time at which consent was given or changed. `reader`: who read the words aloud on the telephone."""

    how: str
    voice: str
    text_version: int
    language: str
    given_at: datetime
    reader: str | None


@dataclass(frozen=True, slots=True, repr=False)
class CaseFile:
    case: Case
    said: Said | None  # None: the report was erased
    contact: SafeContact | None
    consent: ConsentInForce
    decision: RoutingDecision | None
    referrals: Sequence[Referral]
    notes: Sequence[tuple[Note, str]]
    events: Sequence[Any]
    partners: Mapping[str, Any]  # by id as text: {"labels", "is_excluded", …}
    summary: str = ""
    excluded: Sequence[Any] = ()
    vital: Sequence[Stated] = ()
    erasures: Sequence[UnconfirmedErasure] = ()  # copies at partners that nobody has confirmed to be gone
    given: Sequence[Given] = ()  # how consent was given
    hold: tuple[LegalHold, str] | None = None
    messages: Sequence[Line] = ()
    transfer: tuple[ApprovalRequest, str] | None = None  # to the other side, waiting, with its reason
    attempts: Attempts | None = None
    follow_ups: Sequence[Reminder] = ()
    closing: ClosingProposal | None = None  # waits for a supervisor
    people: Sequence[User] = ()  # who may have the case
    pause: ClockPause | None = None
    undecidable: frozenset[UUID] = frozenset()  # of what waits for a supervisor: there is no other one

    @property
    def older_events(self) -> int:
        return max(0, self.case.event_count - len(self.events))


def case_of(user: User, reference: str, *, now: datetime) -> Any:
    """The case of the user's own side, or None: another side's, and that of a person they know, do not exist for them.

    Carries `is_recorded` (this person has read the story today, UTC) and `has_alert` (an alarm nobody has opened).
    """
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    read = AccessRecord.objects.filter(
        report_id=OuterRef("report_id"),
        voice=Voice.CASEWORKER,
        by_ref=user.pk,
        purpose=AccessPurpose.STORY_READ,
        at__gte=day,
    )
    alerts = DutyAlert.objects.filter(case_id=OuterRef("pk"), opened_at__isnull=True)
    return (
        reachable(user)
        .filter(reference=reference)
        .select_related("report", "category", "country", "region", "language", "responsible")
        .defer(*_CLOSED_FIELDS)
        .annotate(is_recorded=Exists(read), has_alert=Exists(alerts))
        .first()
    )


def case_file(case: Case, now: datetime) -> CaseFile:
    """About twenty-five statements, whatever the case holds."""
    key = _key_of(case.report_id)
    decisions = RoutingDecision.objects.filter(case=case, round=case.round).order_by("-at", "-pk")
    partners = partners_of(case)
    contact = current_contact(case.report_id)
    vital, closing = vital_interests_of(case, key), waiting_closing(case)
    asked = [one.row for one in vital if one.is_waiting]
    return CaseFile(
        case=case,
        said=said(case.report, key) if key else None,
        contact=contact,
        consent=consent_in_force(case.report_id),
        decision=decisions.first(),
        referrals=list(
            Referral.objects.filter(case=case)
            .select_related("partner__body")
            .defer("partner__phone")
            .order_by("-offered_at", "-pk")
        ),
        notes=_notes(case, key),
        events=_events(case),
        partners=partners,
        summary=(case.unseal(key, "summary") or "") if key else "",
        excluded=[partner for partner in partners.values() if partner["is_excluded"]],
        vital=vital,
        erasures=unconfirmed_erasures(report_id=case.report_id),
        given=_given(case.report_id),
        messages=conversation(case),
        transfer=stated_transfer(case, key, now),
        attempts=attempts_of(case, contact, now),
        follow_ups=follow_ups_of(case, key, now),
        closing=closing,
        undecidable=undecidable(case, [*asked, *([closing] if closing else [])], now),
        people=assignable_people(case),
        pause=ClockPause.objects.filter(case=case, until_at__isnull=True).select_related("by").first(),
        hold=stated_hold(hold_of(case.report_id, now=now), key),
    )


def _key_of(report_id: UUID) -> DataKey | None:
    try:
        return ReportKey.of(report_id)
    except ReportErased:
        return None


def _given(report_id: UUID) -> list[Given]:
    """The newest answers first, one line for each time they were given."""
    reader = User.objects.filter(pk=OuterRef("read_by_ref")).values("name")
    rows = Consent.objects.filter(report_id=report_id).annotate(reader=Subquery(reader)).order_by("-given_at", "-pk")
    columns = ("how", "voice", "text_version", "language", "given_at", "reader")
    lines = dict.fromkeys(Given(*row) for row in rows.values_list(*columns)[:MOST_ANSWERS])
    return list(lines)


def _notes(case: Case, key: DataKey | None) -> list[tuple[Note, str]]:
    rows = Note.objects.filter(case=case).select_related("author").order_by("-written_at", "-pk")
    return [(note, (note.unseal(key, "text") or "") if key else "") for note in rows]


def _events(case: Case) -> list[Any]:
    """The newest first, each with the name of the staff member or partner who acted."""
    staff = User.objects.filter(pk=OuterRef("actor_ref")).values("name")
    return list(
        TimelineEvent.objects.filter(case=case)
        .annotate(staff_name=Subquery(staff))
        .order_by("-sequence")
        .values("sequence", "code", "actor", "actor_ref", "details", "at", "staff_name")[:NEWEST_EVENTS]
    )


def partners_of(case: Case) -> dict[str, Any]:
    """All partners by name: who was proposed, who was not and why, and whom the reporter has excluded."""
    excluded = case.report.must_not_see.through.objects.filter(report_id=case.report_id, body_id=OuterRef("body_id"))
    rows = (
        PartnerOrganisation.objects.filter(is_practice=case.is_practice)
        .annotate(is_excluded=Exists(excluded))
        .order_by("slug")
        .values("id", "slug", "side", "is_active", "body__labels", "is_excluded")
    )
    return {str(row["id"]): row for row in rows}
