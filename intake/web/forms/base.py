"""What all pages of the form share: where their answers are kept, safe text fields, how fields look."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from intake.clean_text import TooLong, clean_line, clean_text

Draft = Mapping[str, Any]  # the draft's answers, by section
CHOOSE = _("Please choose one of these.")


class Words(str):
    """A choice's words with a line of explanation under them."""

    explanation: str = ""

    @classmethod
    def of(cls, words: object, explanation: object = "") -> "Words":
        made = cls(words)
        made.explanation = str(explanation)
        return made


class StepForm(forms.Form):
    """One page. `section` is the part of the draft in which its answers are kept."""

    section: ClassVar[str]
    title: ClassVar[str | Promise] = ""  # the heading where the page asks more than one thing
    titled: ClassVar[bool] = False  # keeps its heading also where it asks one thing only
    lead: ClassVar[str | Promise] = ""
    use_required_attribute = False  # the browser would speak its own language
    error_css_class = "wrong"

    def __init__(self, data: Mapping[str, Any] | None = None, *, draft: Draft, language: str) -> None:
        self.draft = draft
        self.lang = language
        super().__init__(data, initial=self.kept(draft.get(self.section) or {}))
        self.offer()
        for field in self.fields.values():
            _dress(field.widget)
            field.beside = len(self.fields) > 1 and _is_short(field)  # type: ignore[attr-defined]

    def offer(self) -> None:
        """Fills in the choices that depend on the draft, the language or reference data."""

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The section's answers as the fields' first values."""
        return dict(answers)

    def answers(self) -> dict[str, Any]:
        """What the page adds to its section; an empty value takes an earlier answer back."""
        return dict(self.cleaned_data)

    def as_typed(self) -> dict[str, Any]:
        """The kept answers as if they had just been typed, to show again what is wrong with them."""
        return {name: self[name].value() for name in self.fields}

    @property
    def is_answered(self) -> bool:
        return any(self.initial.get(name) not in (None, "", [], False) for name in self.fields)

    @property
    def heading(self) -> str | Promise:
        """The page's heading, when it is not the only question itself."""
        return self.title

    @property
    def is_one_question(self) -> bool:
        return len(self.fields) == 1 and not self.titled


def is_about_another(draft: Draft) -> bool:
    return (draft.get("about") or {}).get("about") == "other"


SHORT = 16  # characters: such choices stand beside one another where a page asks several things


def _is_short(field: forms.Field) -> bool:
    words = [str(label) for _code, label in getattr(field, "choices", [])]
    return bool(words) and all(len(word) <= SHORT and not getattr(word, "explanation", "") for word in words)


def _dress(widget: forms.Widget) -> None:
    if isinstance(widget, forms.MultiWidget):
        for part in widget.widgets:
            _dress(part)
        return
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        widget.attrs.setdefault("autocomplete", "off")
        return
    widget.attrs.setdefault("class", "field")
    widget.attrs.setdefault("autocomplete", "off")
    if not isinstance(widget, forms.Select):
        widget.attrs.update(spellcheck="false", dir="auto")


class OneOf(forms.ChoiceField):
    """Radio buttons. Nothing is chosen beforehand."""

    default_error_messages = {"required": CHOOSE, "invalid_choice": CHOOSE}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.RadioSelect, **kwargs})


class LongList(forms.Select):
    """Draws its options in one go: a template for each of 250 countries takes longer than the rest of the page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = str(value or "")
        options = "".join(_option(str(code), str(label), is_chosen=str(code) == chosen) for code, label in self.choices)
        given = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return mark_safe(f"<select{flatatt(given)}>{options}</select>")  # noqa: S308 - all of it is escaped


def _option(code: str, label: str, *, is_chosen: bool) -> str:
    return f'<option value="{escape(code)}"{" selected" if is_chosen else ""}>{escape(label)}</option>'


class FromList(OneOf):
    """A list to pick from, for more choices than fit on a page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": LongList, **kwargs})


class SomeOf(forms.MultipleChoiceField):
    default_error_messages = {"invalid_choice": CHOOSE, "invalid_list": CHOOSE}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.CheckboxSelectMultiple, **kwargs})


class Text(forms.Field):
    """Text as actions keep it: cleaned, never cut. `limit` in characters."""

    widget: type[forms.Widget] = forms.Textarea
    clean_with = staticmethod(clean_text)

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> str:
        try:
            return self.clean_with(str(value or ""), limit=self.limit)
        except TooLong:
            message = format_lazy(_("This is too long. It can have {limit} characters."), limit=self.limit)
            raise ValidationError(message, code="too_long") from None


class Line(Text):
    widget = forms.TextInput
    clean_with = staticmethod(clean_line)


def labelled(rows: Sequence[Any], language: str) -> list[tuple[str, str]]:
    return [(row.pk, row.label(language)) for row in rows]
