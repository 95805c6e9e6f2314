"""Forms of the dry run: the shape of a proposed change, one form for each kind. What is known, the action says."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.web import job_words, words
from cases.web.forms import Dressed
from intake.queries import reference_data
from intake.vocabulary import DataGroup

Choices = list[tuple[str, str]]


def _several(label: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, required=False, help_text=help_text, widget=widget)


class TryForm(Dressed):
    """`kind` of the change; its other fields carry the names of the JSON. `days`: how far back."""

    kind = ""
    days = forms.IntegerField(label=_("cases of the last so many days"), min_value=1, initial=30)

    def __init__(self, *args: Any, partners: Choices, agreements: Choices, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.kind}_%s")
        super().__init__(*args, **kwargs)
        for name, choices in _choices(partners, agreements).items():
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        first = [name for name in ("partner", "agreement") if name in self.fields]
        self.order_fields([*first, *(name for name in self.fields if name not in {*first, "days"})])

    @property
    def title(self) -> str:
        return str(job_words.CHANGES[self.kind])

    def change(self) -> dict[str, Any]:
        """What was given, as JSON of codes; what was left empty is not in it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "days"}
        filled = {name: value for name, value in given.items() if value not in (None, "", [], False)}
        return {"kind": self.kind, **filled}


class TryPartnerForm(TryForm):
    kind = "partner"
    partner = forms.ChoiceField(label=_("partner organisation"))
    capacity = forms.IntegerField(label=_("capacity"), required=False, help_text=_("Empty: as it is."))
    pause = forms.ChoiceField(
        label=_("new offers"),
        required=False,
        choices=[
            ("", _("as it is")),
            ("unpause", _("the pause ends")),
            ("stop", _("not active any more")),
            ("start", _("active")),
        ],
    )
    paused_until = forms.DateField(
        label=_("paused until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    add_services = _several(_("services to add"))
    drop_services = _several(_("services to take away"))
    add_areas = _several(_("service areas to add"))
    drop_areas = _several(_("service areas to take away"))
    add_languages = _several(_("languages to add"))
    drop_languages = _several(_("languages to take away"))

    def change(self) -> dict[str, Any]:
        found = super().change()
        pause = found.pop("pause", "")
        if day := found.get("paused_until"):
            found["paused_until"] = day.isoformat()
        if self.cleaned_data["capacity"] == 0:
            found["capacity"] = 0
        acts = {"unpause": {"unpause": True}, "stop": {"is_active": False}, "start": {"is_active": True}}
        return found | acts.get(pause, {})


class TryEndForm(TryForm):
    kind = "agreement_ends"
    agreement = forms.ChoiceField(label=_("agreement"))


class _Scope(TryForm):
    countries = _several(_("countries"), _("None chosen: all of them."))
    categories = _several(_("categories"), _("None chosen: all of them."))


class TryBeginForm(_Scope):
    kind = "agreement_begins"
    partner = forms.ChoiceField(label=_("partner organisation"))
    data_groups = forms.MultipleChoiceField(
        label=_("data that may be passed on"), choices=DataGroup.choices, widget=forms.CheckboxSelectMultiple
    )
    under_memorandum = forms.BooleanField(label=_("stands under the memorandum"), required=False)


class TryScopeForm(_Scope):
    kind = "agreement_scope"
    agreement = forms.ChoiceField(label=_("agreement"))


class TryPolicyForm(TryForm):
    kind = "policy"
    category = forms.ChoiceField(label=_("category"))
    urgency = forms.TypedChoiceField(label=_("urgency"), coerce=int, choices=list(words.URGENCIES.items()))
    mode = forms.ChoiceField(label=_("who decides"), choices=list(job_words.MODES.items()))


class TryDaysForm(Dressed):
    days = forms.IntegerField(label=_("cases of the last so many days"), min_value=1, initial=30)


FORMS: dict[str, type[TryForm]] = {
    form.kind: form for form in (TryPartnerForm, TryEndForm, TryBeginForm, TryScopeForm, TryPolicyForm)
}


def _choices(partners: Choices, agreements: Choices) -> dict[str, Choices]:
    known = reference_data()
    categories = [(code, f"{code} {row.label()}") for code, row in known.categories.items()]
    languages = [(code, row.label()) for code, row in known.languages.items()]
    areas = list(_areas())
    return {
        "partner": [("", "—"), *partners],
        "agreement": [("", "—"), *agreements],
        "category": categories,
        "categories": categories,
        "countries": [(row.code, row.label()) for row in known.stay_countries()],
        **{f"{act}_services": categories for act in ("add", "drop")},
        **{f"{act}_languages": languages for act in ("add", "drop")},
        "add_areas": areas,
        "drop_areas": [one for one in areas if not one[0].endswith(":remote")],
    }


def _areas() -> Iterable[tuple[str, str]]:
    known = reference_data()
    for country in known.stay_countries():
        yield country.code, str(_("{country}, everywhere")).format(country=country.label())
        yield f"{country.code}:remote", str(_("{country}, at a distance")).format(country=country.label())
        yield from sorted(((row.code, row.label()) for row in known.regions_of(country.code)), key=lambda one: one[1])
