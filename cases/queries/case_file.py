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
    Case,
    DutyAlert,
    Note,
    PartnerOrganisation,
    Referral,
    RoutingDecision,
    TimelineEvent,
    User,
)
from intake.encryption import DataKey
from intake.errors import ReportErased
from intake.models import AccessRecord, ReportKey, SafeContact
from intake.queries import ConsentInForce, consent_in_force, current_contact, reference_data
from intake.questionnaire import Question, asked
from intake.vocabulary import AccessPurpose, Voice

NEWEST_EVENTS = 50
_CLOSED_FIELDS = ("report__identity", "report__family", "chain_head")


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    value: Any


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What the reporter wrote. Printing it shows nothing."""

    story: str
    answers: Sequence[Answer]
    actor_name: str
    must_not_see: str


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

    @property
    def older_events(self) -> int:
        return max(0, self.case.event_count - len(self.events))


def case_of(user: User, reference: str, *, now: datetime) -> Any:
    """The case of the user's own side, or None: another side's looks as if it did not exist.

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
        Case.objects.filter(side=user.side, reference=reference)
        .select_related("report", "category", "country", "region", "language", "responsible")
        .defer(*_CLOSED_FIELDS)
        .annotate(is_recorded=Exists(read), has_alert=Exists(alerts))
        .first()
    )


def case_file(case: Case) -> CaseFile:
    """Nine statements."""
    key = _key_of(case.report_id)
    decisions = RoutingDecision.objects.filter(case=case, round=case.round).order_by("-at", "-pk")
    partners = _partners(case)
    return CaseFile(
        case=case,
        said=_said(case, key),
        contact=current_contact(case.report_id),
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
    )


def _key_of(report_id: UUID) -> DataKey | None:
    try:
        return ReportKey.of(report_id)
    except ReportErased:
        return None


def _said(case: Case, key: DataKey | None) -> Said | None:
    if key is None:
        return None
    report = case.report
    given: dict[str, Any] = report.unseal(key, "answers") or {}
    context = {"about": report.about, "category": report.category_id, "subcode": report.subcode}
    questions = asked(reference_data().questions, {**given, **context})
    return Said(
        story=report.unseal(key, "story") or "",
        answers=[Answer(question, given[question.key]) for question in questions if question.key in given],
        actor_name=report.unseal(key, "actor_name") or "",
        must_not_see=report.unseal(key, "must_not_see_text") or "",
    )


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


def _partners(case: Case) -> dict[str, Any]:
    """All partners by name: who was proposed, who was not and why, and whom the reporter has excluded."""
    excluded = case.report.must_not_see.through.objects.filter(report_id=case.report_id, body_id=OuterRef("body_id"))
    rows = (
        PartnerOrganisation.objects.filter(is_practice=case.is_practice)
        .annotate(is_excluded=Exists(excluded))
        .order_by("slug")
        .values("id", "slug", "side", "is_active", "body__labels", "is_excluded")
    )
    return {str(row["id"]): row for row in rows}
