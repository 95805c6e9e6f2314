"""What the tests of agreements and approvals begin with."""

from datetime import date, datetime
from typing import Any

from cases.actions.check_agreement import Terms
from cases.models import Agreement, ApprovalRequest, PartnerOrganisation, User
from intake.references import new_id


def terms(**changes: Any) -> Terms:
    values: dict[str, Any] = {
        "labels": {"az": "Saziş", "ru": "Соглашение", "en": "Agreement"},
        "valid_from": date(2026, 11, 1),
        "valid_until": date(2028, 12, 31),
        "timezone": "Asia/Baku",
        "data_groups": ("identity", "story"),
    }
    return Terms(**(values | changes))


def agreement_of(owner: PartnerOrganisation) -> Agreement:
    return Agreement.objects.get(partner=owner)


def amendment_asked(owner: PartnerOrganisation, by: User, now: datetime) -> ApprovalRequest:
    """Asked by somebody whose own yes does not count: nobody has agreed yet."""
    return ApprovalRequest.objects.create(
        id=new_id(),
        kind="partner_agreement",
        needs="two_of_side",
        side=owner.side,
        subject=agreement_of(owner).pk,
        base=1,
        change={"act": "amend", "terms": terms().as_json()},
        asked_by=by,
        asked_at=now,
    )
