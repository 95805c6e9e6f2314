"""What the console's templates need beyond Django's tags. They show; nothing is decided or looked up here."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases.permissions import may
from cases.web import event_words, job_words, words

register = template.Library()
_WORDS = {**vars(words), **vars(event_words)}

_NAVIGATION = (
    ("queue", "see_queue", _("queue")),
    ("follow_ups", "follow_up", _("my follow-ups")),
    ("call", "file_report", _("phone intake")),
    ("closings", "approve_closing", _("closings")),
    ("vital_interests", "approve_vital_interest", _("vital interest")),
    ("approvals", "see_approvals", _("waiting for approval")),
    ("complaints", "answer_complaint", _("complaints")),
    ("holds", "legal_hold", _("legal hold")),
    ("erasures", "see_erasures", _("unconfirmed erasures")),
    ("partners", "see_partners", _("partners")),
    ("deliveries", "see_deliveries", _("notifications")),
    ("duty", "see_duty", _("duty rota")),
    ("figures", "see_figures", _("figures")),
    ("access", "see_access", _("access records")),
    ("accounts", "manage_accounts", _("accounts")),
    ("health", "see_health", _("health")),
)


@register.simple_tag(takes_context=True)
def navigation(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pages that the signed-in person may open; the present one is marked."""
    request = context["request"]
    items = []
    for name, action, word in _NAVIGATION:
        if may(request.user, action):
            address = reverse(f"console:{name}")
            items.append({"address": address, "word": word, "is_here": request.path.startswith(address)})
    return items


@register.filter
def capital(text: Any) -> str:
    """The first letter large, as the reader's language does it: Azerbaijani i becomes İ."""
    text = str(text)
    if text[:1] == "i" and (get_language() or "").startswith("az"):
        return "İ" + text[1:]
    return text[:1].upper() + text[1:]


@register.filter
def label(labels: Any) -> str:
    return words.label(labels)


@register.filter
def word(code: Any, of: str) -> str:
    """The words for a code out of one of the tables of words.py and event_words.py; one without words stays."""
    return str(_WORDS[of].get(code, code))


@register.filter
def control(field: Any) -> Any:
    """The field's control, dressed also where its form is not ours (allauth's pages)."""
    widget = field.field.widget
    is_box = getattr(widget, "input_type", "") in {"checkbox", "radio", "hidden", "file"}
    if "class" in widget.attrs or is_box:
        return field
    return field.as_widget(attrs={"class": "form-control"})


@register.filter
def chosen(field: Any) -> str:
    """What is ticked in a long list of boxes, said while the list is closed."""
    value = field.value() or []
    codes = {value} if isinstance(value, str) else set(map(str, value))
    labels = [
        str(option["label"])
        for _name, options, _index in field.field.widget.optgroups(field.html_name, [])
        for option in options
        if str(option["value"]) in codes
    ]
    return ", ".join(labels) or gettext("none")


@register.filter
def job_state(code: str) -> str:
    return str(job_words.STATES.get(code, code))


@register.filter
def choice(code: Any, choices: Any) -> str:
    return str(dict(choices).get(code, code))


@register.filter
def moment(at: datetime | None) -> str:
    """Day and hour in the reader's zone; the year only when it is another one."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    form = "j E, H:i" if local.year == timezone.localtime().year else "j E Y, H:i"
    return _dated(local, form)


@register.filter
def short(at: datetime | None) -> str:
    """As `moment`, for dense lists: the month cut short."""
    return "" if at is None else _dated(timezone.localtime(at), "j M, H:i")


@register.filter
def day(on: Any) -> str:
    return _dated(on, "j E Y") if on else ""


def _dated(at: date | datetime, form: str) -> str:
    """Months begin with a small letter in Azerbaijani and Russian; Django's begin with a capital in some forms."""
    text = date_format(at, form)
    return text.replace("İ", "i").lower() if get_language() in {"az", "ru"} else text


@register.filter
def there(at: datetime, form: str = "j E, H:i") -> str:
    """On the clock that `at` carries. Django's own `date` moves it to the reader's zone, and beside the name of the
    person's zone that is a wrong hour to ring at."""
    return _dated(at, form)


@register.filter
def iso_day(on: Any) -> date:
    """A day that may be kept as text, 2026-11-24."""
    return date.fromisoformat(on) if isinstance(on, str) else on


@register.filter
def iso_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@register.filter
def percent(share: Any) -> int:
    return round(100 * float(share))


@register.filter
def answered(answer: Any) -> str:
    """An answer of the questionnaire in the words it was given in."""
    return _in_words(answer.question, answer.value)


@register.filter
def answered_before(answer: Any) -> str:
    """What was answered first, before the person corrected it."""
    return _in_words(answer.question, answer.before)


def _in_words(question: Any, value: Any) -> str:
    if question.kind == "date":
        try:
            return day(datetime.fromisoformat(str(value)).date())
        except ValueError:
            return str(value)
    said = {option.code: words.label(option.words) for option in question.options}
    return ", ".join(said.get(str(one), str(one)) for one in (value if isinstance(value, list | tuple) else [value]))


@register.inclusion_tag("console/partials/clock.html", takes_context=True)
def clock(context: Mapping[str, Any], due_at: datetime | None, kind: str = "") -> dict[str, Any]:
    """Time left in words; the colour only says it again."""
    now = context["now"]
    if due_at is None:
        return {"words": ""}
    left = (due_at - now).total_seconds()
    return {
        "words": words.time_left(due_at, now),
        "tone": "late" if left < 0 else "soon" if left < 2 * 3600 else "",
        "kind": str(words.CLOCKS.get(kind, "")),
        "due_at": due_at,
    }


@register.inclusion_tag("console/partials/urgency.html")
def urgency(level: int) -> dict[str, Any]:
    return {"level": level, "words": words.URGENCIES.get(level, level)}


@register.simple_tag(takes_context=True)
def event_details(context: Mapping[str, Any], event: Mapping[str, Any], partners: Mapping[str, Any]) -> str:
    return event_words.event_details(event, partners)


@register.filter
def hidden_cell(floor: int) -> str:
    return gettext("hidden (< {n})").format(n=floor)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    return mapping.get(str(key)) if hasattr(mapping, "get") else None
