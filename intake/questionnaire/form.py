"""Form classes that ask questions. Nothing in them is required; `answers()` is in the shape which a report keeps."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from intake.clean_text import TooLong

from .definition import CHOOSING, DIGITS_OF_AMOUNT, LINE, MOST_NUMBER, Question, is_plausible, words_in


def build_form(questions: Iterable[Question], language: str, *, about_other: bool = False) -> type["QuestionForm"]:
    """A form class that asks these questions in `language`; `about_other`: in the words for somebody else."""
    fields = {question.key: _form_field(question, language, about_other=about_other) for question in questions}
    return type("QuestionForm", (QuestionForm,), dict(fields))


class QuestionForm(forms.Form):
    """Its `answers()` are in the shape in which a report keeps them."""

    def answers(self) -> dict[str, Any]:
        """Every question of the form; None where it was left empty, so that an answer can be taken back."""
        return {
            name: value.isoformat() if isinstance(value, date) else value or None
            for name, value in self.cleaned_data.items()
        }


class DayField(forms.DateField):
    """A day typed in one plain field, which every old telephone can show: day, month, year in any separators."""

    example = _("Write the day like this: 24.11.2026")
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"})
    default_error_messages = {"invalid": example, "out_of_range": _("This day is too far away. Check the year.")}

    def __init__(self, **kwargs: Any) -> None:
        """How to write it stands there before it was written wrongly (WCAG 2.2, 3.3.2)."""
        super().__init__(**kwargs)
        why = kwargs.get("help_text")
        self.help_text = format_lazy("{} {}", why, self.example) if why else self.example

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        day = _read_day(str(value))
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if not is_plausible(day, today=date.today()):
            raise ValidationError(self.error_messages["out_of_range"], code="out_of_range")
        return day

    def prepare_value(self, value: Any) -> Any:
        """A kept answer is shown in the order in which people here write it."""
        if isinstance(value, str) and (day := _iso_day(value)):
            return day.strftime("%d.%m.%Y")
        return value.strftime("%d.%m.%Y") if isinstance(value, date) else value


class WrittenField(forms.Field):
    """Words of the person's own, cleaned as they are stored; never cut."""

    def __init__(self, *, question: Question, **kwargs: Any) -> None:
        self.question = question
        is_long = question.kind == "text" and question.limit > LINE
        widget = forms.Textarea(attrs={"rows": "3"}) if is_long else forms.TextInput()
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        try:
            return str(self.question.cleaned(str(value or "")))
        except TooLong:
            message = _("This is too long. It can have {limit} characters.")
            raise ValidationError(format_lazy(message, limit=self.question.limit), code="too_long") from None


class NumberField(forms.Field):
    """A whole number in digits of any script, spaces between them allowed."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "20", "class": "field short"})
    default_error_messages = {"invalid": _("Write a number in digits, like this: 12")}

    def to_python(self, value: Any) -> str:
        typed = _plain(value)
        if not typed:
            return ""
        if not typed.isdecimal() or len(typed) > len(str(MOST_NUMBER)) or int(typed) > MOST_NUMBER:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return str(int(typed))


class AmountWidget(forms.MultiWidget):
    use_fieldset = True
    is_pair = True

    def __init__(self, currencies: Sequence[str]) -> None:
        number = forms.TextInput(
            attrs={"inputmode": "decimal", "maxlength": "30", "class": "field", "aria-label": _("How much")}
        )
        choices = [(code, code) for code in currencies]
        super().__init__([number, forms.Select(choices=choices, attrs={"class": "field", "aria-label": _("Currency")})])

    def decompress(self, value: Any) -> list[str]:
        number, _blank, currency = str(value or "").partition(" ")
        return [number, currency]


class AmountField(forms.MultiValueField):
    """A number and a currency; kept as "45000 RUB"."""

    default_error_messages = {"invalid": _("Write the amount in digits, like this: 45000")}

    def __init__(self, *, question: Question, **kwargs: Any) -> None:
        codes = question.currencies
        fields = [forms.Field(required=False), forms.ChoiceField(choices=[(code, code) for code in codes])]
        super().__init__(fields, widget=AmountWidget(codes), require_all_fields=False, **kwargs)
        self.fields[1].required = False

    def compress(self, parts: list[Any]) -> str:
        typed = _plain(parts[0] if parts else "").replace(",", ".")
        if not typed:
            return ""
        if not re.fullmatch(rf"[0-9]{{1,{DIGITS_OF_AMOUNT}}}(\.[0-9]{{1,2}})?", typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return f"{typed} {parts[1]}" if parts[1:] and parts[1] else typed


def _form_field(question: Question, language: str, *, about_other: bool) -> forms.Field:
    words: dict[str, Any] = {
        "label": (about_other and words_in(question.words_other, language)) or words_in(question.words, language),
        "help_text": words_in(question.why, language),
        "required": False,
    }
    if question.kind in CHOOSING:
        words["choices"] = [(option.code, words_in(option.words, language)) for option in question.options]
    return _MAKE[question.kind](question, words)


def _written(question: Question, words: dict[str, Any]) -> forms.Field:
    return WrittenField(question=question, **words)


def _one(question: Question, words: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(widget=forms.RadioSelect, **words)


_MAKE: dict[str, Callable[[Question, dict[str, Any]], forms.Field]] = {
    "yesno": _one,
    "choice": _one,
    "choices": lambda question, words: forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **words),
    "date": lambda question, words: DayField(**words),
    "number": lambda question, words: NumberField(**words),
    "amount": lambda question, words: AmountField(question=question, **words),
    "text": _written,
    "line": _written,
    "place": _written,
}


def _plain(value: Any) -> str:
    """Digits of any script as ours, without blanks of any kind. What is far too long is left for the check."""
    typed = "".join(unicodedata.normalize("NFKC", str(value or "")[:60]).split())
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in typed)


def _iso_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read_day(typed: str) -> date | None:
    """24.11.2026, 24/11/26 is refused (which century?), 2026-11-24; digits of any script."""
    numbers = re.findall(r"\d+", unicodedata.normalize("NFKC", typed[:40]))
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    day, month, year = numbers
    if len(year) != 4:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
