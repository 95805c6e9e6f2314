"""The shape of a partner's page as it is edited. What a partner must be, cases/routing/check_sheet.py says."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.actions.add_partner import NewPartner
from cases.actions.edit_partner import NAME_LENGTH, PHONE_LENGTH, PartnerContact
from cases.models.partner import PartnerPause
from cases.partner_sheet import Area, Period, ServiceSheet
from cases.web.forms import Dressed
from intake.queries import reference_data
from intake.vocabulary import AgeBand, Gender

_PERIOD = re.compile(r"\s*(\d{1,2}[:.]\d{2})\s*[-–—]\s*(\d{1,2}[:.]\d{2})\s*")


def _boxes(label: Any = "", help_text: Any = "") -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, required=False, help_text=help_text, widget=widget)


def _day(label: Any = "", *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class HoursField(forms.CharField):
    """ "09:00–13:00, 14:00–18:00" as pairs of times; empty: closed."""

    def __init__(self, label: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "09:00–18:00"})
        super().__init__(label=label, required=False, max_length=80, widget=widget)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        pairs = []
        for part in filter(str.strip, re.split(r"[,;]", text)):
            found = _PERIOD.fullmatch(part)
            if found is None:
                raise forms.ValidationError(_("Write hours as 09:00–13:00, 14:00–18:00."))
            pairs.append((_clock(found[1]), _clock(found[2])))
        return pairs


class NewPartnerForm(Dressed):
    """A name for each language of the pages, and where its notices go."""

    country = forms.ChoiceField(label=_("works from"))
    email = forms.CharField(label=_("e-mail"), max_length=254, help_text=_("Notices about offers and cases go there."))
    language = forms.ChoiceField(label=_("language of its notices"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        self.fields["country"].choices = [(row.code, row.label()) for row in known.stay_countries()]  # type: ignore[attr-defined]
        pages = [(code, row.label()) for code, row in known.languages.items() if row.is_interface]
        self.fields["language"].choices = pages  # type: ignore[attr-defined]
        names = {
            f"name_{code}": forms.CharField(
                label=_NAMES.get(code, code),
                max_length=NAME_LENGTH,
                widget=forms.TextInput(attrs={"lang": code, "autocomplete": "off", "class": "form-control"}),
            )
            for code, _name in settings.LANGUAGES
        }
        self.fields = {**names, **self.fields}

    def new(self) -> NewPartner:
        given = self.cleaned_data
        names = {code: given[f"name_{code}"] for code, _name in settings.LANGUAGES}
        return NewPartner(names, given["country"], given["email"], given["language"])


_NAMES: Mapping[str, Any] = {"az": _("name in Azerbaijani"), "ru": _("name in Russian"), "en": _("name in English")}


class PartnerForm(Dressed):
    """All of it but the services and the days off, which are rows. `seen`: the version the person had before them."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    is_active = forms.BooleanField(
        label=_("active"),
        required=False,
        help_text=_(
            "A partner that is not active is offered nothing. Its open offers and cases in hand come back to us, also "
            "those of vital interest, and it must delete its copies. Being active again does not give them back to it. "
            "With a pause it keeps what it has."
        ),
    )
    capacity = forms.IntegerField(
        label=_("capacity"), help_text=_("Cases at a time. Below what is in hand now, only new offers stop.")
    )
    languages = _boxes(_("languages it speaks"))
    interpreter_languages = _boxes(_("languages through an interpreter"))
    areas = _boxes(_("helps there"))
    remote_areas = _boxes(_("helps at a distance"), _("By telephone or in writing."))
    timezone = forms.CharField(label=_("time zone"), max_length=40, help_text=_("For example Asia/Baku."))
    around_the_clock = forms.BooleanField(label=_("around the clock"), required=False)
    hours_0 = HoursField(_("Monday"))
    hours_1 = HoursField(_("Tuesday"))
    hours_2 = HoursField(_("Wednesday"))
    hours_3 = HoursField(_("Thursday"))
    hours_4 = HoursField(_("Friday"))
    hours_5 = HoursField(_("Saturday"))
    hours_6 = HoursField(_("Sunday"))
    email = forms.CharField(label=_("e-mail"), max_length=254, help_text=_("Notices about offers and cases go there."))
    language = forms.ChoiceField(label=_("language of its notices"))
    phone = forms.CharField(label=_("telephone"), max_length=PHONE_LENGTH, required=False)
    duty_phone = forms.CharField(
        label=_("telephone of whoever is on duty"),
        max_length=PHONE_LENGTH,
        required=False,
        help_text=_("For an urgent case outside its hours. Kept sealed, as the other number is."),
    )
    related_bodies = forms.CharField(
        label=_("bodies it is related to"),
        required=False,
        max_length=50 * (NAME_LENGTH + 2),
        help_text=_("One name a line. A case against one of them is never shown to this partner."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        languages = [(code, row.label()) for code, row in known.languages.items()]
        pages = [(code, row.label()) for code, row in known.languages.items() if row.is_interface]
        choices = {
            "languages": languages,
            "interpreter_languages": languages,
            "areas": _area_choices(),
            "remote_areas": _area_choices(),
            "language": pages,
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def week(self) -> list[Any]:
        return [self[f"hours_{weekday}"] for weekday in range(7)]

    def area_fields(self) -> list[Any]:
        return [self["areas"], self["remote_areas"]]

    def contact_fields(self) -> list[Any]:
        return [self[name] for name in ("email", "language", "phone", "duty_phone", "related_bodies")]

    def contact(self) -> PartnerContact:
        given = self.cleaned_data
        names = tuple(line.strip() for line in given["related_bodies"].splitlines() if line.strip())
        return PartnerContact(given["email"], given["phone"], given["duty_phone"], given["language"], names)

    def working_hours(self) -> tuple[Period, ...]:
        return tuple((day, start, end) for day in range(7) for start, end in self.cleaned_data[f"hours_{day}"])

    def chosen_areas(self) -> tuple[Area, ...]:
        there = [_area(code, is_remote=False) for code in self.cleaned_data["areas"]]
        far = [_area(code, is_remote=True) for code in self.cleaned_data["remote_areas"]]
        return tuple(sorted([*there, *far], key=lambda area: (area[0], area[1] or "", area[2])))


class ServiceForm(Dressed):
    """One category: whether it is offered, and to whom."""

    is_offered = forms.BooleanField(required=False)
    is_specialised = forms.BooleanField(label=_("specialised"), required=False)
    child_safeguarding = forms.BooleanField(label=_("has rules for the protection of children"), required=False)
    subcodes = _boxes(_("only these"))
    age_bands = _boxes(_("only these ages"))
    genders = _boxes(_("only"))

    def __init__(self, *args: Any, category: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"service-{category.code}", **kwargs)
        self.category = category
        self.fields["is_offered"].label = f"{category.code} {category.label()}"
        rows = reference_data().subcodes_of(category.code)
        self.fields["subcodes"].choices = [(row.code, row.label()) for row in rows]  # type: ignore[attr-defined]
        self.fields["age_bands"].choices = AgeBand.choices  # type: ignore[attr-defined]
        self.fields["genders"].choices = Gender.choices  # type: ignore[attr-defined]

    def limits(self) -> list[Any]:
        """Fields that are empty where everybody is taken."""
        return [self[name] for name in ("subcodes", "age_bands", "genders")]

    @property
    def has_limits(self) -> bool:
        return any(bool(field.errors) or bool(field.value()) for field in self.limits())

    def service(self) -> ServiceSheet | None:
        given = self.cleaned_data
        if not given["is_offered"]:
            return None
        return ServiceSheet(
            subcodes=tuple(sorted(given["subcodes"])),
            age_bands=tuple(sorted(given["age_bands"])),
            genders=tuple(sorted(given["genders"])),
            child_safeguarding=given["child_safeguarding"],
            is_specialised=given["is_specialised"],
        )


class DaysOffForm(Dressed):
    first = _day(_("first day"))
    last = _day(_("last day"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(given["first"]) != bool(given["last"]):
            self.add_error("last" if given["first"] else "first", _("Give both days; for one day twice the same."))
        return given


class PauseForm(Dressed):
    """`seen_until`: the pause that the person had before them."""

    seen_until = _day()
    until = _day(_("no new offers until"), required=True)
    because = forms.ChoiceField(label=_("reason"), choices=[("", "—"), *PartnerPause.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "pause_%s")
        super().__init__(*args, **kwargs)
        self.fields["seen_until"].widget = forms.HiddenInput()


class ResumeForm(Dressed):
    seen_until = _day()


def _area_choices() -> list[tuple[str, Any]]:
    known = reference_data()
    return [
        (
            country.label(),
            [
                (country.code, str(_("{country}, everywhere")).format(country=country.label())),
                *sorted(((row.code, row.label()) for row in known.regions_of(country.code)), key=lambda one: one[1]),
            ],
        )
        for country in known.stay_countries()
    ]


def _area(code: str, *, is_remote: bool) -> Area:
    region = reference_data().regions.get(code)
    return (code, None, is_remote) if region is None else (region.country_id, code, is_remote)


def _clock(typed: str) -> str:
    hour, minute = re.split("[:.]", typed)
    return f"{int(hour):02}:{minute}"
