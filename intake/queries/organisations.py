"""The organisations that a report has met: who was asked by name, who has read, who helps, who must erase."""

from uuid import UUID

from intake.models import AccessRecord, Body, Consent, ConsentRequest, Message, PartnerErasure, PublicStatus


def organisations_of(report_id: UUID) -> dict[UUID, Body]:
    """By id, in the order of their ids. One statement. Who was only offered the report, without a name, is not here."""
    met = [
        PublicStatus.objects.filter(report_id=report_id, organisation__isnull=False).values("organisation_id"),
        ConsentRequest.objects.filter(report_id=report_id).values("body_id"),
        Consent.objects.filter(report_id=report_id, recipient__isnull=False).values("recipient_id"),
        AccessRecord.objects.filter(report_id=report_id, body__isnull=False).values("body_id"),
        Message.objects.filter(report_id=report_id, organisation__isnull=False).values("organisation_id"),
        PartnerErasure.objects.filter(report_id=report_id).values("body_id"),
    ]
    first, *others = met
    rows = Body.objects.filter(pk__in=first.union(*others, all=False)).order_by("pk")
    return {row.pk: row for row in rows}
