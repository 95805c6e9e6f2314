"""What becomes of links and groups of a case whose report was taken back. Merges are ended by `give_back`."""

from datetime import datetime

from django.db.models import Q

from cases.models import Case, CaseLink, GroupMember, GroupNote
from cases.workflow import LinkState
from intake.models import ReportKey


def forget_links_step(*, case: Case, is_erased: bool, now: datetime) -> None:
    """Suggestions go. After an erasure a confirmed link is undone and says no longer on what ground it was suggested,
    and what the group's note held while the case was in the group can no longer be read. The case leaves its group.

    The caller holds the case's lock. Three statements, more for a case in a group.
    """
    mine = CaseLink.objects.filter(Q(first=case) | Q(second=case))
    mine.filter(state=LinkState.SUGGESTED).delete()
    if is_erased:
        mine.filter(state=LinkState.REFUSED).delete()
        mine.filter(state=LinkState.CONFIRMED).update(
            state=LinkState.UNDONE, ground="", strength=0, decided_by=None, decided_at=now
        )
        mine.update(ground="", strength=0)
        _silence_notes(case)
    GroupMember.objects.filter(case=case, removed_at__isnull=True).update(removed_at=now)


def _silence_notes(case: Case) -> None:
    """Of every group in which the case ever was: the parts written in that time."""
    for member in GroupMember.objects.filter(case=case):
        held = GroupNote.objects.filter(group=member.group_id, written_at__gte=member.added_at)
        if member.removed_at is not None:
            held = held.filter(written_at__lte=member.removed_at)
        ids = list(held.values_list("pk", flat=True))
        ReportKey.objects.filter(report_id__in=ids).delete()
        GroupNote.objects.filter(pk__in=ids).update(text=None)
