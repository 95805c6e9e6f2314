"""Blind index of the alleged actor, so that reports about the same one are found without being read."""

from uuid import UUID

from django.db import transaction

from intake.matching import normal_actors
from intake.models import BlindIndex, Report, ReportKey
from intake.queries.words import words_of

from .index_person import digest_of

_ACTOR = BlindIndex.Kind.ACTOR


@transaction.atomic(durable=True)
def index_actor(*, report_id: UUID) -> int:
    """Replaces the actor's rows by those of the words in force, corrections included; returns how many.

    Not done when a report arrives: a person in need waits for nothing that can come later. The report's lock keeps
    erasure from meeting a row that is written after it; an erased or withdrawn report is left without.
    """
    report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
    if report.erased_at is not None:
        return 0
    BlindIndex.objects.filter(report_id=report_id, kind=_ACTOR).delete()
    if report.withdrawn_at is not None:
        return 0
    names = normal_actors(words_of(report, ReportKey.of(report_id)).actor_name)
    rows = [BlindIndex(report_id=report_id, kind=_ACTOR, digest=digest_of(_ACTOR, name)) for name in names]
    BlindIndex.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
