"""Controls are written without templates, and yet exactly as Django writes them."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from cases.conf.form_renderer import Renderer

NASTY = "<b>\"'&</b> Ş 🙂\n"
LAZY = gettext_lazy("Yes")
CHOICES: list[tuple[Any, Any]] = [
    ("", "—"),
    ("1", NASTY),
    (NASTY, LAZY),
    (3, mark_safe("<i>bold</i>")),
    ("Group " + NASTY, [("a", "A"), ("b", LAZY)]),
]
ATTRIBUTES = {"class": "form-control", "rows": 3, "data-x": NASTY, "required": True, "disabled": False, "title": LAZY}
VALUES = [None, "", "1", NASTY, 3, 0, 1.5, True, False, date(2026, 11, 24), LAZY, mark_safe("<i>&amp;</i>")]
ONE = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.PasswordInput,
    forms.HiddenInput,
    forms.DateInput,
    forms.TimeInput,
    forms.CheckboxInput,
    forms.Textarea,
    forms.FileInput,
    forms.ClearableFileInput,
]
SEVERAL = [forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple]


def same(widget: forms.Widget, value: Any, attrs: dict[str, Any] | None) -> None:
    name = f"n{NASTY}"
    ours = widget.render(name, value, attrs=attrs, renderer=Renderer())
    assert ours == widget.render(name, value, attrs=attrs, renderer=DjangoTemplates())
    assert hasattr(ours, "__html__")


@pytest.mark.parametrize("kind", ONE)
def test_a_single_control(kind: type[forms.Widget]) -> None:
    for value in VALUES:
        for attrs in (None, {"id": "x"}, {"id": NASTY}):
            same(kind(), value, attrs)
            same(kind(attrs=ATTRIBUTES), value, attrs)


@pytest.mark.parametrize("language", ["az", "ru", "en"])
@pytest.mark.parametrize("kind", SEVERAL)
def test_a_choice(kind: Any, language: str) -> None:
    with override(language):
        for value in [*VALUES, ["1", "a"], [NASTY, 3]]:
            for attrs in (None, {"id": "x"}, {"id": NASTY, "class": "wide"}):
                same(kind(choices=CHOICES), value, attrs)
                same(kind(attrs=ATTRIBUTES, choices=CHOICES), value, attrs)


class Starred(forms.RadioSelect):
    option_template_name = "django/forms/widgets/input.html"  # no label


def test_an_option_of_a_kind_of_its_own_is_rendered_by_its_own_template() -> None:
    same(Starred(choices=CHOICES), "1", {"id": "x"})


def test_the_site_writes_its_controls_this_way(settings: Any) -> None:
    from django.forms.renderers import get_default_renderer

    assert isinstance(get_default_renderer(), Renderer)
