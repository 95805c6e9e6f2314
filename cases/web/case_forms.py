"""Forms of the case file beyond triage and offer: writing to the person, vital interest, hold, and the complaint's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.web import words
from cases.web.forms import LONGEST_TEXT, Dressed, OnCase
from intake.vocabulary import DataGroup


def _text(label: Any, rows: int, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=widget, help_text=help_text)


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class WriteForm(OnCase):
    text = _text(_("message to the reporter"), 4, _("Plain words. The person reads it on their page."))


class VitalForm(OnCase):
    partner = forms.ChoiceField(label=_("partner organisation"))
    groups = forms.MultipleChoiceField(
        label=_("they may see"), choices=DataGroup.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = _text(
        _("reason"), 3, _("What happens to life or health without it. Kept sealed; who opens the case reads it.")
    )

    def __init__(self, *args: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [(pk, row) for pk, row in partners.items() if row["is_active"] and not row["is_excluded"]]
        named = [(pk, words.label(row["body__labels"])) for pk, row in usable]
        self.fields["partner"].choices = [("", "—"), *named]  # type: ignore[attr-defined]


class VitalDecisionForm(Dressed):
    act = forms.ChoiceField(choices=[(name, name) for name in ("approve", "refuse", "end", "tell", "put_off")])
    tell = forms.ChoiceField(choices=[("now", _("now")), ("later", _("not yet safe"))], required=False)
    tell_on = _day(_("look again on"))


class HoldForm(OnCase):
    reason = _text(_("reason"), 2)
    until = _day(_("until"), required=True)


class AnswerForm(Dressed):
    text = _text(_("answer to the person"), 5, _("It stands on the person's page. The organisation never sees it."))
