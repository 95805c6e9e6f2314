"""Controls of forms, written directly: a page of many choices spent most of its time in Django's templates for them.

The HTML is Django's own, sign for sign with its line ends (tests/cases/web/test_form_renderer.py). What is not written
here, a widget with a template of its own for example, is rendered as ever.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape as safe

Widget = Mapping[str, Any]
_FOLDER = "django/forms/widgets/"
_INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "time", "checkbox", "input", "file")


class Renderer(DjangoTemplates):
    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        write = _WRITERS.get(template_name)
        if write is None:
            return str(super().render(template_name, context, request))
        return write(context["widget"])


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {safe(name)}" if value is True else f' {safe(name)}="{safe(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{safe(widget["type"])}" name="{safe(widget["name"])}"{shown}{_attributes(widget)}>'


def _select(widget: Widget) -> str:
    groups = "".join(_group(name, options) for name, options, _number in widget["optgroups"])
    return f'<select name="{safe(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _group(name: Any, options: Iterable[Widget]) -> str:
    inside = "".join(f"\n  {_any(option, _option)}" for option in options)
    return f'\n  <optgroup label="{safe(name)}">{inside}\n  </optgroup>' if name else inside


def _option(widget: Widget) -> str:
    return f'<option value="{_text(widget["value"])}"{_attributes(widget)}>{safe(widget["label"])}</option>\n'


def _textarea(widget: Widget) -> str:
    return f'<textarea name="{safe(widget["name"])}"{_attributes(widget)}>\n{safe(widget["value"] or "")}</textarea>'


def _several(widget: Widget) -> str:
    attributes = widget["attrs"]
    own = f' id="{safe(attributes["id"])}"' if attributes.get("id") else ""
    own += f' class="{safe(attributes["class"])}"' if attributes.get("class") else ""
    groups = "".join(_labelled(name, options) for name, options, _number in widget["optgroups"])
    return f"<div{own}>{groups}\n</div>"


def _labelled(name: Any, options: Iterable[Widget]) -> str:
    inside = "".join(f"<div>\n    {_any(option, _choice)}</div>" for option in options)
    return f"\n  <div><label>{safe(name)}</label>{inside}\n  </div>" if name else inside


def _choice(widget: Widget) -> str:
    if not widget.get("wrap_label"):
        return f"{_input(widget)}\n\n\n"
    names = f' for="{safe(widget["attrs"]["id"])}"' if widget["attrs"].get("id") else ""
    return f"<label{names}>{_input(widget)}\n {safe(widget['label'])}</label>\n\n"


def _any(option: Widget, write: Callable[[Widget], str]) -> str:
    """An option of a kind of its own is rendered by its own template."""
    if option["template_name"] in _OPTIONS:
        return write(option)
    return str(DjangoTemplates().get_template(option["template_name"]).render({"widget": option}))


def _text(value: Any) -> Any:
    """As the filter stringformat:"s" gives it: what is marked as safe stays so."""
    return safe(value if hasattr(value, "__html__") else str(value))


_OPTIONS = frozenset(f"{_FOLDER}{name}_option.html" for name in ("select", "checkbox", "radio"))
_WRITERS: Mapping[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}{name}.html": _input for name in _INPUTS},
    f"{_FOLDER}select.html": _select,
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}radio.html": _several,
    f"{_FOLDER}checkbox_select.html": _several,
}
