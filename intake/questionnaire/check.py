"""Says what is wrong with a definition that an operator has written, at the place where it is wrong.

Stricter than `read_definition`, which only asks whether it can be asked at all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .definition import CHOOSING, KINDS, MOST_TEXT, WRITING

LANGUAGES = ("az", "ru", "en")
CONTEXT = ("about", "category", "subcode")  # what `shown_if` may name besides questions
MOST_QUESTIONS = 200
MOST_WORDS = 400  # characters of a question, an option, a reason
_KEY = re.compile("[a-z][a-z0-9_]{1,39}")
_CODE = re.compile("[a-z0-9_]{1,40}")
_CURRENCY = re.compile("[A-Z]{3}")
_YESNO = ("yes", "no", "unknown")
# What the urgency rules read (domain.md §3): each with its kind and the options that a rule knows by their codes.
CORE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "held": ("yesno", _YESNO),
    "held_since": ("date", ()),
    "held_contact": ("yesno", _YESNO),
    "contact_lost": ("yesno", _YESNO),
    "date_near": ("yesno", _YESNO),
    "date_kind": ("choice", ("removal", "court", "appeal", "permit")),
    "date_on": ("date", ()),
    "harm": ("yesno", _YESNO),
    "harm_now": ("yesno", _YESNO),
    "harm_reprisal": ("yesno", _YESNO),
    "child": ("yesno", _YESNO),
    "child_alone": ("yesno", _YESNO),
    "need": ("yesno", _YESNO),
    "need_what": ("choices", ("emergency", "late_pregnancy", "medicine", "self_harm", "shelter")),
    "forced": ("yesno", _YESNO),
    "forced_what": (
        "choices",
        (
            "papers_taken",
            "cannot_leave",
            "threats",
            "debt",
            "withheld_pay",
            "sexual",
            "sign_contract",
            "sign_military",
        ),
    ),
    "no_papers": ("yesno", _YESNO),
    "police_expected": ("yesno", _YESNO),
}
ALWAYS_ASKED = ("held", "date_near", "harm", "child", "need", "forced")
Codes = Mapping[str, Sequence[str]]  # by context name, e.g. every category


def faults_of(definition: Any, *, codes: Codes) -> list[Any]:
    """Sentences, each naming the question it is about; empty when all is well.

    `codes` are the values that `about`, `category` and `subcode` can have.
    """
    rows = definition.get("questions") if isinstance(definition, Mapping) else None
    if not isinstance(rows, list) or not rows:
        return [_("There has to be a list called “questions”.")]
    if len(rows) > MOST_QUESTIONS:
        return [format_lazy(_("There are more than {number} questions."), number=MOST_QUESTIONS)]
    return [*_each(rows, codes), *_core(rows)]


def _each(rows: list[Any], codes: Codes) -> Iterator[Any]:
    before: dict[str, Mapping[str, Any]] = {}
    every = {row["key"] for row in rows if isinstance(row, Mapping) and isinstance(row.get("key"), str)}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            yield _at(number, "", _("this is not a question."))
            continue
        key = row.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            yield _at(number, "", _("“key” has to be small Latin letters, digits and _."))
            key = ""
        elif key in before or key in CONTEXT:
            yield _at(number, key, _("this key is already used by another question."))
        for fault in (*_kind(row), *_words(row), *_conditions(row, before, every, codes)):
            yield _at(number, key, fault)
        before[key] = row


def _at(number: int, key: str, fault: Any) -> Any:
    """ "Question 3 (wrk_owed): …"."""
    return format_lazy(_("Question {number} ({key}): {fault}"), number=number, key=key or "?", fault=fault)


def _kind(row: Mapping[str, Any]) -> Iterator[Any]:
    kind = row.get("kind")
    if kind not in KINDS:
        yield format_lazy(_("there is no kind “{kind}”. Possible are: {kinds}."), kind=kind, kinds=", ".join(KINDS))
        return
    if kind in CHOOSING:
        yield from _options(row)
    elif row.get("options"):
        yield format_lazy(_("a question of the kind “{kind}” has no options."), kind=kind)
    limit = row.get("limit", 1)
    if kind in WRITING and (type(limit) is not int or not 0 < limit <= MOST_TEXT):
        yield format_lazy(_("“limit” has to be a number from 1 to {most}."), most=MOST_TEXT)
    if kind == "amount":
        listed = row.get("currencies")
        if not isinstance(listed, list) or not listed or not all(_CURRENCY.fullmatch(str(one)) for one in listed):
            yield _("“currencies” has to be a list of codes like AZN and RUB.")


def _options(row: Mapping[str, Any]) -> Iterator[Any]:
    options = row.get("options")
    if not isinstance(options, list) or not options or not all(isinstance(one, Mapping) for one in options):
        yield _("the options are missing.")
        return
    seen: set[Any] = set()
    for option in options:
        code = option.get("code")
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            yield _("the “code” of an option has to be small Latin letters, digits and _.")
        elif code in seen:
            yield format_lazy(_("the option “{code}” is there twice."), code=code)
        seen.add(code if isinstance(code, str) else "")
        yield from _in_every_language(option, format_lazy(_("option “{code}”"), code=code))


def _words(row: Mapping[str, Any]) -> Iterator[Any]:
    yield from _in_every_language(row, _("the question"))
    for name in ("why", "other"):
        if name in row:
            words = row[name] if isinstance(row[name], Mapping) else {}
            yield from _in_every_language(words, format_lazy("“{name}”", name=name))


def _in_every_language(words: Mapping[str, Any], what: Any) -> Iterator[Any]:
    for language in LANGUAGES:
        text = words.get(language)
        if not isinstance(text, str) or not text.strip():
            yield format_lazy(_("{what} has no words in the language “{language}”."), what=what, language=language)
        elif len(text) > MOST_WORDS:
            yield format_lazy(_("{what} has more than {most} characters."), what=what, most=MOST_WORDS)


def _conditions(row: Mapping[str, Any], before: Mapping[str, Any], every: set[str], codes: Codes) -> Iterator[Any]:
    ways = row.get("shown_if") or []
    for way in [ways] if isinstance(ways, Mapping) else ways if isinstance(ways, list) else [None]:
        if not isinstance(way, Mapping) or not way:
            yield _("“shown_if” has to name questions and the answers that open this one.")
            continue
        for name, wanted in way.items():
            if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
                yield format_lazy(_("“shown_if” needs a list of answers for “{name}”."), name=name)
            elif name in CONTEXT:
                yield from _unknown(name, wanted, codes.get(name, ()))
            else:
                yield from _opened_by(name, wanted, before, every)


def _opened_by(name: str, wanted: list[str], before: Mapping[str, Any], every: set[str]) -> Iterator[Any]:
    if name not in every:
        yield format_lazy(_("“shown_if” names “{name}”, and there is no such question."), name=name)
    elif name not in before:
        yield format_lazy(_("“shown_if” names “{name}”, which comes later or is this question itself."), name=name)
    elif before[name].get("shown_if"):
        yield format_lazy(_("“shown_if” names “{name}”, which is not always asked itself."), name=name)
    elif before[name].get("kind") not in CHOOSING:
        yield format_lazy(_("“shown_if” names “{name}”, whose answers are not a choice."), name=name)
    else:
        options = before[name].get("options")
        known = [one.get("code") for one in options if isinstance(one, Mapping)] if isinstance(options, list) else []
        yield from _unknown(name, wanted, known)


def _unknown(name: str, wanted: list[str], known: Sequence[Any]) -> Iterator[Any]:
    for code in wanted:
        if code and code not in known:
            yield format_lazy(_("“{name}” has no answer “{code}”."), name=name, code=code)


def _core(rows: list[Any]) -> Iterator[Any]:
    """The urgency rules read these: without them an urgent case would look like an ordinary one."""
    by_key = {str(row.get("key")): row for row in rows if isinstance(row, Mapping)}
    for key, (kind, needed) in CORE.items():
        row = by_key.get(key)
        if row is None:
            yield format_lazy(_("The question “{key}” is missing: how urgent a report is depends on it."), key=key)
            continue
        if row.get("kind") != kind:
            yield format_lazy(_("The question “{key}” has to stay of the kind “{kind}”."), key=key, kind=kind)
        options = row.get("options") if isinstance(row.get("options"), list) else []
        there = {one.get("code") for one in options or [] if isinstance(one, Mapping)}
        for code in needed:
            if code not in there:
                yield format_lazy(_("The question “{key}” has to keep its option “{code}”."), key=key, code=code)
        if key in ALWAYS_ASKED and row.get("shown_if"):
            yield format_lazy(_("The question “{key}” has to be asked always."), key=key)
