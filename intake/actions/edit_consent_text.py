"""The words with which consent is asked: what they must hold, and when they may no longer be changed."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from intake.models import Consent, ConsentText
from intake.vocabulary import ConsentAnswer, DataGroup

# What every page reads of them: the codes of the answers cannot be others, only their words.
_CODES = {
    "share": set(ConsentAnswer.values),
    "cross_border": {"yes", "no"},
    "groups": set(DataGroup.values),
}


def is_in_use(version: int) -> bool:
    """People have read these words, or read them now: what they agreed to must stay what it was. A change of words is
    the next version."""
    is_asked = ConsentText.objects.filter(version=version, is_active=True).exists()
    return is_asked or Consent.objects.filter(text_version=version).exists()


def faults_of_consent_text(definition: Any) -> list[Any]:
    """Where it cannot be asked, part by part: a broken one would close the form to everybody."""
    return [format_lazy("{}: {}", where, _("This cannot be read.")) for where in _faults(definition)]


def _faults(definition: Any) -> Iterator[str]:
    if not isinstance(definition, dict):
        yield "definition"
        return
    questions, explanations = _rows(definition.get("questions")), definition.get("explanations")
    rows = {row.get("key"): row for row in questions if isinstance(row, dict)}
    for key in ("share", "cross_border"):
        yield from _faults_of_question(f"questions.{key}", rows.get(key), _CODES[key])
    yield from _faults_of_question("groups", definition.get("groups"), _CODES["groups"])
    if not isinstance(explanations, list) or not all(_has_words(row) and row.get("key") for row in explanations):
        yield "explanations"


def _faults_of_question(where: str, question: Any, codes: set[str]) -> Iterator[str]:
    if not _has_words(question):
        yield where
        return
    options = _rows(question.get("options"))
    if not options or not all(_has_words(option) for option in options):
        yield f"{where}.options"
    elif {option.get("code") for option in options} != codes:
        yield f"{where}.options.code"


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _has_words(row: Any) -> bool:
    """In every language of the pages."""
    if not isinstance(row, dict) or not isinstance(row.get("explanation", {}), dict):
        return False
    return all(isinstance(row.get(code), str) and row[code].strip() for code, _name in settings.LANGUAGES)
