"""Puts report keys under the newest master, in batches, while the site serves."""

from django.db import transaction

from intake.encryption import newest_master, rewrap_key
from intake.models import ReportKey


@transaction.atomic(durable=True)
def rewrap_keys(*, limit: int = 200) -> int:
    """Wraps up to `limit` keys anew and returns how many there were to do; 0: none is left.

    Nobody waits for it but who erases one of these reports at this moment. A key that was erased or wrapped since is
    left as it is (compare and set), so that a destroyed key never comes back. Killed in the middle: the batch is as it
    was. Raises CannotDecrypt when a master is missing; nothing has changed then.
    """
    newest = newest_master()
    rows = list(ReportKey.objects.exclude(master=newest).order_by("pk")[:limit])
    for row in rows:
        master, wrapped = rewrap_key(bytes(row.wrapped), master=row.master, owner=row.report_id)
        mine = ReportKey.objects.filter(pk=row.pk, master=row.master, wrapped=bytes(row.wrapped))
        mine.update(master=master, wrapped=wrapped)
    return len(rows)


def keys_by_master() -> dict[str, int]:
    """How many report keys each master wraps."""
    counted: dict[str, int] = {}
    for master in ReportKey.objects.values_list("master", flat=True).distinct().order_by("master"):
        counted[master] = ReportKey.objects.filter(master=master).count()
    return counted
