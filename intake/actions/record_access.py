"""Records that somebody read personal data, for the reporter and the auditor. Says nothing about who may."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from intake.models import AccessRecord
from intake.vocabulary import Voice


def record_access(
    *,
    report_id: UUID,
    voice: str,
    by_ref: UUID | None,
    body_id: UUID | None,
    purpose: str,
    groups: Iterable[str],
    now: datetime,
) -> bool:
    """Adds a record unless one says it already; returns whether it did. A step.

    Staff leave one record per person, purpose and day (UTC); a partner one per organisation, purpose and hour. Data
    groups that the earlier record does not name are always recorded.
    """
    shown = set(groups)
    earlier = AccessRecord.objects.filter(report_id=report_id, voice=voice, purpose=purpose)
    moment = now.astimezone(UTC)
    if voice == Voice.PARTNER:
        earlier = earlier.filter(body=body_id, at__gte=moment.replace(minute=0, second=0, microsecond=0))
    else:
        earlier = earlier.filter(by_ref=by_ref, at__gte=moment.replace(hour=0, minute=0, second=0, microsecond=0))
    if any(shown <= set(known) for known in earlier.values_list("groups", flat=True)):
        return False
    AccessRecord.objects.create(
        report_id=report_id,
        voice=voice,
        by_ref=by_ref,
        body_id=body_id,
        purpose=purpose,
        groups=sorted(shown),
        at=now,
    )
    return True
