"""A partner's sheet as its rows have it now, for the page on which it is edited, and who edited it."""

from collections.abc import Sequence
from uuid import UUID

from cases.models import PartnerEdit, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from cases.partner_sheet import PartnerSheet, ServiceSheet
from cases.queries.partners import loads

EDITS = 10


def sheet_of(partner: PartnerOrganisation) -> PartnerSheet:
    """Three statements. Hours that stand beside "around the clock" count for nothing and are left out."""
    spoken = (
        PartnerLanguage.objects.filter(partner=partner).order_by("language").values_list("language", "by_interpreter")
    )
    languages = list(spoken)
    areas = ServiceArea.objects.filter(partner=partner).values_list("country", "region", "is_remote")
    hours = [] if partner.around_the_clock else partner.working_hours
    return PartnerSheet(
        capacity=partner.capacity,
        is_active=partner.is_active,
        timezone=partner.timezone,
        around_the_clock=partner.around_the_clock,
        working_hours=tuple(sorted((day, start, end) for day, start, end in hours)),
        closed_days=tuple(sorted((first, last) for first, last in partner.closed_days)),
        areas=tuple(sorted(areas, key=lambda area: (area[0], area[1] or "", area[2]))),
        languages=tuple(code for code, by_interpreter in languages if not by_interpreter),
        interpreter_languages=tuple(code for code, by_interpreter in languages if by_interpreter),
        services={row.category_id: _service(row) for row in Service.objects.filter(partner=partner)},
    )


def partner_of(slug: str, side: str, *, with_numbers: bool = False) -> PartnerOrganisation | None:
    """`with_numbers`: also whom one rings, for the page on which that is edited."""
    rows = PartnerOrganisation.objects.filter(slug=slug, side=side, is_practice=False)
    rows = rows.select_related("body")
    return (rows if with_numbers else rows.defer("phone", "duty_phone")).first()


def load_of(partner_id: UUID) -> int:
    """Open offers and cases in hand: what fills its places."""
    return loads([partner_id]).get(partner_id, 0)


def edits_of(partner: PartnerOrganisation) -> Sequence[PartnerEdit]:
    """The newest first."""
    return list(PartnerEdit.objects.filter(partner=partner).select_related("by").defer("by__phone")[:EDITS])


def _service(row: Service) -> ServiceSheet:
    return ServiceSheet(
        subcodes=tuple(sorted(row.subcodes)),
        age_bands=tuple(sorted(row.age_bands)),
        genders=tuple(sorted(row.genders)),
        child_safeguarding=row.child_safeguarding,
        is_specialised=row.is_specialised,
    )
