"""Forms of the case file's clocks: waiting for the reporter, going on, dates set by law."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.web.forms import OnCase
from cases.workflow import DateKind, PauseReason


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class WaitForm(OnCase):
    reason = forms.ChoiceField(
        label=_("reason"), choices=[one for one in PauseReason.choices if one[0] != PauseReason.CONSENT_ASKED]
    )
    look_again_on = _day(_("look again on"))


class LookAgainForm(OnCase):
    look_again_on = _day(_("look again on"))


class GoOnForm(OnCase):
    pass


class DateForm(OnCase):
    kind = forms.ChoiceField(label=_("which date"), choices=DateKind.choices)
    date = _day(_("last day"))


def clock_forms(seen: Mapping[str, str]) -> dict[str, OnCase]:
    named = {"wait": WaitForm, "later": LookAgainForm, "go_on": GoOnForm, "date": DateForm}
    return {name: form(initial=seen) for name, form in named.items()}
