"""How a partner stands with us, as it may see it itself: places, pause, agreements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cases.models import Agreement, AgreementVersion, PartnerOrganisation
from cases.queries.partners import load_column


@dataclass(frozen=True, slots=True)
class Standing:
    """`load`: open offers and cases in hand. `agreements`: the newest version of each that has begun."""

    partner: PartnerOrganisation
    load: int
    agreements: Sequence[AgreementVersion]


def standing(partner_id: UUID, now: datetime) -> Standing:
    """Two queries. The memorandum is among the agreements when one of the partner's own is under it."""
    partner = PartnerOrganisation.objects.select_related("body").annotate(load=load_column()).get(pk=partner_id)
    versions = AgreementVersion.objects.filter(
        Q(agreement__partner=partner) | Q(agreement__kind=Agreement.Kind.MEMORANDUM)
    ).select_related("agreement")
    newest: dict[UUID, AgreementVersion] = {}
    for version in versions.order_by("agreement__kind", "agreement__slug", "-number"):
        if version.local_day(now) >= version.valid_from:
            newest.setdefault(version.agreement_id, version)
    return Standing(partner, partner.load, _relevant(list(newest.values())))


def _relevant(versions: Sequence[AgreementVersion]) -> list[AgreementVersion]:
    """The partner's own and, where one of them is under it, the newest memorandum."""
    own = [version for version in versions if version.agreement.partner_id is not None]
    memoranda = [version for version in versions if version.agreement.partner_id is None]
    if any(version.agreement.under_memorandum for version in own) and memoranda:
        own.append(max(memoranda, key=lambda version: version.valid_from))
    return own
