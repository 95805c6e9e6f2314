"""What is past its time: which reports and how many access records, by the rules in force. Deletes nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from cases.models import Case, Merge
from cases.workflow import CaseState
from intake.models import AccessRecord, LegalHold, Message, RetentionRule
from intake.vocabulary import Voice

CLOSED, OUT_OF_SCOPE, ACCESS_RECORDS = "closed", "out_of_scope", "access_records"
# A resolved case still waits for somebody to close it, and may be reopened any day: its time does not run.
_ENDED = (CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.DUPLICATE)
_OURS = (Voice.CASEWORKER, Voice.SYSTEM)


def retention_days() -> dict[str, int]:
    """Days by rule. A rule that is not active, or without days, is not among them: then it is kept until erased."""
    active = RetentionRule.objects.filter(is_active=True, days__isnull=False)
    return {code: days for code, days in active.values_list("code", "days") if days is not None}


def due_cases(days: Mapping[str, int], *, now: datetime) -> QuerySet[Case]:
    """Cases whose report is to be erased: closed long enough, or out of scope without an answer of ours.

    Time runs from closing, else from the last change; an answered out-of-scope report counts as a closed one. Reports
    under a legal hold and those already erased are not among them, nor one joined to a case whose own time is not over:
    its person is still being helped there. Oldest first.
    """
    answered = Exists(Message.objects.filter(report_id=OuterRef("report_id"), voice__in=_OURS))
    cases = Case.objects.annotate(ended=Coalesce("closed_at", "updated_at"), is_answered=answered)
    due = Q(pk__in=[])
    if CLOSED in days:
        before = now - timedelta(days=days[CLOSED])
        is_closed = Q(state__in=_ENDED) | Q(state=CaseState.OUT_OF_SCOPE, is_answered=True)
        due |= is_closed & Q(ended__lte=before, updated_at__lte=before) & Q(~_is_joined_to_one_in_use(before))
    if OUT_OF_SCOPE in days:
        before = now - timedelta(days=days[OUT_OF_SCOPE])
        due |= Q(state=CaseState.OUT_OF_SCOPE, is_answered=False, updated_at__lte=before)
    held = Exists(holds_in_force(now).filter(report_id=OuterRef("report_id")))
    return cases.filter(due, ~held, report__erased_at__isnull=True).order_by("updated_at", "pk")


def _is_joined_to_one_in_use(before: datetime) -> Exists:
    over = Q(into__state__in=[*_ENDED, CaseState.OUT_OF_SCOPE], into__updated_at__lte=before)
    return Exists(Merge.objects.in_force().filter(case=OuterRef("pk")).exclude(over))


def due_access_records(days: Mapping[str, int], *, now: datetime) -> QuerySet[AccessRecord]:
    if ACCESS_RECORDS not in days:
        return AccessRecord.objects.none()
    held = Exists(holds_in_force(now).filter(report_id=OuterRef("report_id")))
    return AccessRecord.objects.filter(~held, at__lte=now - timedelta(days=days[ACCESS_RECORDS]))


def holds_in_force(now: datetime) -> QuerySet[LegalHold]:
    """Up to the end of the last day, wherever that day ends last on earth."""
    return LegalHold.objects.filter(lifted_at__isnull=True, until__gte=_day_that_ends_last(now))


def hold_of(report_id: UUID, *, now: datetime) -> LegalHold | None:
    """The hold in force with the latest end, if there is one."""
    return holds_in_force(now).filter(report_id=report_id).order_by("-until", "-pk").first()


def _day_that_ends_last(now: datetime) -> date:
    return (now.astimezone(UTC) - timedelta(hours=12)).date()
