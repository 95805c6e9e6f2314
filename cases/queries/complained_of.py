"""Whom of us a complaint about us concerns: they neither read it nor learn that there is one, also later.

A complaint about us names nobody. It concerns whoever the person has met in us: who had the case (or the one it was
merged into) when the complaint was made or earlier, or has it now; who wrote to the person; who took the report down
on the telephone. Giving the case away afterwards changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Min

from cases.models import Assignment, Case, Merge, User
from cases.permissions import may
from intake.models import Complaint, Message, Report
from intake.vocabulary import Channel, Voice

COMPLAINT_EVENTS = frozenset({"complaint_received", "complaint_answered"})  # of the timeline
_ALWAYS = datetime.min.replace(tzinfo=UTC)  # has the case now: whenever the complaint was made
_Met = tuple[UUID, UUID | None, datetime]  # report, user, since when


@dataclass(frozen=True, slots=True)
class Unseen:
    """Of one case's complaints what one reader must not learn of: the complaints (None: all), and our answers to them
    as (who, when)."""

    complaints: frozenset[str] | None = None
    answers: frozenset[tuple[UUID | None, datetime]] = frozenset()

    def hides(self, event: Mapping[str, Any]) -> bool:
        if event["code"] not in COMPLAINT_EVENTS:
            return False
        return self.complaints is None or event["details"].get("subject") in self.complaints


def concerned(complaints: Iterable[Complaint]) -> dict[UUID, frozenset[UUID]]:
    """By complaint about us, the users it concerns. Five statements, however many; none when all are about others."""
    about_us = [complaint for complaint in complaints if complaint.about_id is None]
    if not about_us:
        return {}
    met: dict[UUID, list[tuple[UUID | None, datetime]]] = {}
    for report_id, user_id, since in _met({complaint.report_id for complaint in about_us}):
        met.setdefault(report_id, []).append((user_id, since))
    return {
        complaint.pk: frozenset(
            user for user, since in met.get(complaint.report_id, ()) if user and since <= complaint.made_at
        )
        for complaint in about_us
    }


def unseen_by(user: User, report_id: UUID) -> Unseen:
    """Everything, for those who answer no complaints. One statement for a report nobody has complained of."""
    rows, answers = list(Complaint.objects.filter(report=report_id).defer("text")), may(user, "answer_complaint")
    if answers:
        by_complaint = concerned(rows)
        rows = [row for row in rows if user.pk in by_complaint.get(row.pk, ())]
    return Unseen(
        complaints=frozenset(str(row.pk) for row in rows) if answers else None,
        answers=frozenset((row.answered_by_ref, row.answered_at) for row in rows if row.answered_at),
    )


def concerned_reports(user: User, report_ids: Collection[UUID]) -> set[UUID]:
    """Those of the reports of which a complaint concerns the user."""
    rows = list(Complaint.objects.filter(report__in=report_ids, about__isnull=True).defer("text"))
    by_complaint = concerned(rows)
    return {row.report_id for row in rows if user.pk in by_complaint[row.pk]}


def _met(reports: Collection[UUID]) -> Iterator[_Met]:
    have_it = Case.objects.filter(report__in=reports, responsible__isnull=False)
    yield from ((report, user, _ALWAYS) for report, user in have_it.values_list("report", "responsible"))
    yield from _had_the_case(reports)
    yield from _had_the_other_case(reports)
    spoke = Message.objects.filter(report__in=reports, voice=Voice.CASEWORKER, by_ref__isnull=False)
    yield from spoke.order_by().values_list("report", "by_ref").annotate(Min("sent_at"))
    called = Report.objects.filter(pk__in=reports, channel=Channel.PHONE, source_ref__isnull=False)
    yield from called.values_list("pk", "source_ref", "received_at")


def _had_the_case(reports: Collection[UUID]) -> Iterator[_Met]:
    rows = Assignment.objects.filter(case__report__in=reports)
    yield from rows.values_list("case__report", "user", "assigned_at")


def _had_the_other_case(reports: Collection[UUID]) -> Iterator[_Met]:
    """Who has the case into which it was merged answers for it as well (merges.py)."""
    other = "into__assignments__"
    rows = Merge.objects.filter(case__report__in=reports, into__assignments__isnull=False)
    columns = ("case__report", "merged_at", "ended_at", f"{other}user", f"{other}assigned_at", f"{other}ended_at")
    for report_id, merged_at, separated_at, user_id, since, until in rows.values_list(*columns):
        if (until and until <= merged_at) or (separated_at and since >= separated_at):
            continue  # never had it while it was merged
        yield report_id, user_id, _ALWAYS if not (until or separated_at) else max(since, merged_at)
