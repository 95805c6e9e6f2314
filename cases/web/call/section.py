"""What every step of a call's form is made of: the draft it belongs to, and fields in the console's dress."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from cases.web.forms import Dressed

Answers = Mapping[str, Any]
NOTHING = ("", "—")


class Section(Dressed):
    """One step of the draft. `language` is the caseworker's; what is read aloud is in script.py."""

    step: ClassVar[str]

    def __init__(self, data: Any = None, *, answers: Answers, language: str) -> None:
        self.draft, self.lang = answers, language
        super().__init__(data, prefix=self.step, initial=self.kept(answers.get(self.step) or {}))

    def __init_subclass__(cls) -> None:
        cls.use_required_attribute = False

    def kept(self, answers: Answers) -> dict[str, Any]:
        return dict(answers)

    def answers(self) -> dict[str, Any]:
        """What can be kept, also when a field of the section is wrong."""
        return dict(self.cleaned_data)


def radio(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect, **options)


def line(label: Any, limit: int, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=False, widget=widget, **options)


def text(label: Any, limit: int, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=False, widget=widget)


def labelled(rows: Any) -> list[tuple[str, str]]:
    return [(row.pk, row.label()) for row in rows]
