"""The forms of a partner's page together: filled from its sheet, read back as one, each refusal at its control."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cases.models import PartnerOrganisation
from cases.partner_sheet import DaysOff, PartnerSheet, ServiceSheet
from cases.routing.check_sheet import MOST_PERIODS
from cases.web.forms import Dressed
from cases.web.job_forms import TryDaysForm
from cases.web.partner_forms import DaysOffForm, PartnerForm, ServiceForm
from intake.queries import reference_data

SPARE_DAYS_OFF = 3
MOST_ROWS = MOST_PERIODS + SPARE_DAYS_OFF


class PartnerPage:
    """The forms of one page together. `data`: what was sent; None: the partner as it is."""

    def __init__(self, partner: PartnerOrganisation, sheet: PartnerSheet, data: Any = None) -> None:
        known = reference_data().categories
        self.of_services: list[Any] = []  # what is wrong with all of them together
        self.main = PartnerForm(data, initial=_initial(partner, sheet))
        self.services = [
            ServiceForm(data, category=row, initial=_service_initial(sheet.services.get(code)))
            for code, row in known.items()
        ]
        rows = [{"first": first, "last": last} for first, last in sheet.closed_days]
        number = len(rows) + SPARE_DAYS_OFF if data is None else _number_of_rows(data)
        self.days_off = [
            DaysOffForm(data, prefix=f"off-{at}", initial=rows[at] if at < len(rows) else None) for at in range(number)
        ]
        self.days = TryDaysForm(data if data is not None and "days" in data else None)

    def forms(self) -> list[Dressed]:
        return [self.main, *self.services, *self.days_off]

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.forms()])

    @property
    def has_errors(self) -> bool:
        return bool(self.of_services) or any(form.is_bound and form.errors for form in [*self.forms(), self.days])

    def sheet(self) -> PartnerSheet:
        given = self.main.cleaned_data
        services = {form.category.code: form.service() for form in self.services}
        return PartnerSheet(
            capacity=given["capacity"],
            is_active=given["is_active"],
            timezone=given["timezone"].strip(),
            around_the_clock=given["around_the_clock"],
            working_hours=self.main.working_hours(),
            closed_days=self._closed_days(),
            areas=self.main.chosen_areas(),
            languages=tuple(sorted(given["languages"])),
            interpreter_languages=tuple(sorted(given["interpreter_languages"])),
            services={code: service for code, service in services.items() if service is not None},
        )

    def refuse(self, fields: Mapping[str, Iterable[Any]]) -> None:
        """Each reason at the control it is about."""
        by_code = {form.category.code: form for form in self.services}
        for at, said in fields.items():
            first, *rest = at.split(".")
            if first == "services" and rest:
                by_code[rest[0]].refuse({rest[1]: said})
            elif first == "working_hours":
                self.main.refuse({f"hours_{rest[0] if rest else 0}": said})
            elif first == "closed_days":
                self.days_off[0].refuse({"first": said})
            elif first == "services":
                self.of_services.extend(said)
            elif first == "days":
                self.days.refuse({"days": said})
            else:
                self.main.refuse({at: said})

    def _closed_days(self) -> tuple[DaysOff, ...]:
        given = [form.cleaned_data for form in self.days_off]
        return tuple(sorted((row["first"].isoformat(), row["last"].isoformat()) for row in given if row.get("first")))


def _initial(partner: PartnerOrganisation, sheet: PartnerSheet) -> dict[str, Any]:
    hours: dict[str, str] = {}
    for weekday, start, end in sheet.working_hours:
        name = f"hours_{weekday}"
        hours[name] = f"{hours[name]}, {start}–{end}" if name in hours else f"{start}–{end}"
    return {
        "seen": partner.version,
        "is_active": sheet.is_active,
        "capacity": sheet.capacity,
        "languages": sheet.languages,
        "interpreter_languages": sheet.interpreter_languages,
        "areas": [region or country for country, region, is_remote in sheet.areas if not is_remote],
        "remote_areas": [region or country for country, region, is_remote in sheet.areas if is_remote],
        "timezone": sheet.timezone,
        "around_the_clock": sheet.around_the_clock,
        "email": partner.email,
        "language": partner.language,
        "phone": partner.phone,
        "duty_phone": partner.duty_phone,
        "related_bodies": "\n".join(partner.related_bodies),
        **hours,
    }


def _service_initial(service: ServiceSheet | None) -> dict[str, Any]:
    if service is None:
        return {}
    names = ("subcodes", "age_bands", "genders", "child_safeguarding", "is_specialised")
    return {"is_offered": True, **{name: getattr(service, name) for name in names}}


def _number_of_rows(data: Mapping[str, Any]) -> int:
    sent = [int(found[1]) for name in data if (found := re.fullmatch(r"off-(\d{1,3})-(?:first|last)", name))]
    return min(max(sent, default=0) + 1, MOST_ROWS)
