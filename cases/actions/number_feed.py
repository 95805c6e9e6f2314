"""Numbers a partner's changes, after they were committed, so that a poll never skips one of a slow transaction."""

from uuid import UUID

from django.db import transaction

from cases.models import FeedHead, PartnerChange

AT_ONCE = 500


def number_changes(*, partner_id: UUID) -> int:
    """Gives the partner's unnumbered changes the next numbers, dense and by id; returns how many.

    The feed's head is the lock: one at a time, and the rows are looked at only once it is held. A transaction that
    commits later with a smaller id gets a later number.
    """
    numbered = 0
    while count := _number_some(partner_id):
        numbered += count
        if count < AT_ONCE:
            break
    return numbered


def number_waiting(*, limit: int = 100) -> int:
    """The sweep: numbers the changes of up to `limit` partners and returns how many changes."""
    waiting = PartnerChange.objects.filter(number__isnull=True).order_by().values_list("partner_id", flat=True)
    return sum(number_changes(partner_id=partner_id) for partner_id in waiting.distinct()[:limit])


@transaction.atomic(durable=True)
def _number_some(partner_id: UUID) -> int:
    head = _locked_head(partner_id)
    waiting = PartnerChange.objects.filter(partner_id=partner_id, number__isnull=True)
    rows = list(waiting.only("pk").order_by("pk")[:AT_ONCE])
    if not rows:
        return 0
    for number, row in enumerate(rows, start=head.last_number + 1):
        row.number = number
    PartnerChange.objects.bulk_update(rows, ["number"])
    head.last_number += len(rows)
    head.save(update_fields=["last_number"])
    return len(rows)


def _locked_head(partner_id: UUID) -> FeedHead:
    heads = FeedHead.objects.select_for_update(no_key=True).filter(partner_id=partner_id)
    head = heads.first()
    if head is None:
        FeedHead.objects.bulk_create([FeedHead(partner_id=partner_id)], ignore_conflicts=True)
        head = heads.get()
    return head
