"""What a question definition says: which questions there are, when each is asked, which answers it takes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.clean_text import TooLong, clean_line, clean_text

Answers = Mapping[str, Any]
CHOOSING = ("yesno", "choice", "choices")
WRITING = ("text", "line", "place")
KINDS = (*CHOOSING, "date", "number", "amount", *WRITING)
EARLIEST_YEAR = 1900
YEARS_AHEAD = 20
LINE, MOST_TEXT = 200, 2_000  # characters of what is written on one line, and of the longest text
MOST_NUMBER = 1_000_000
DIGITS_OF_AMOUNT = 10
_AMOUNT = re.compile(rf"[0-9]{{1,{DIGITS_OF_AMOUNT}}}(\.[0-9]{{1,2}})?( [A-Z]{{3}})?")


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    words: Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Question:
    """`shown_if`: alternatives, each of which names the answers that all must have been given; empty = always asked.

    `words_other` are the words where somebody else is concerned; `limit` (characters) is for texts, `currencies`
    (ISO 4217) for amounts.
    """

    key: str
    kind: str
    options: tuple[Option, ...]
    words: Mapping[str, str]
    why: Mapping[str, str]
    shown_if: tuple[Mapping[str, tuple[str, ...]], ...]
    words_other: Mapping[str, str]
    limit: int = LINE
    currencies: tuple[str, ...] = ()

    @property
    def is_written(self) -> bool:
        """The answer is in the person's own words."""
        return self.kind in WRITING

    def is_asked(self, answers: Answers) -> bool:
        """`answers` may hold `about`, `category` and `subcode` beside the answers themselves."""
        return not self.shown_if or any(holds(way, answers) for way in self.shown_if)

    def accepts(self, value: Any) -> bool:
        """Whether the value is one of the answers that this question takes."""
        try:
            self.cleaned(value)
        except (TooLong, ValueError, TypeError):
            return False
        return True

    def cleaned(self, value: Any) -> str | list[str]:
        """The answer as a report keeps it; text without invisible commands. Raises TooLong, ValueError, TypeError."""
        if self.kind == "choices":
            if not isinstance(value, list | tuple):
                raise TypeError
            return list(dict.fromkeys(self._code(one) for one in value))
        if not isinstance(value, str):
            raise TypeError
        if self.kind in CHOOSING:
            return self._code(value)
        return _CLEAN[self.kind](self, value)

    def _code(self, value: Any) -> str:
        if not isinstance(value, str) or not any(value == option.code for option in self.options):
            raise ValueError("no such option")
        return value


def holds(way: Mapping[str, tuple[str, ...]], answers: Answers) -> bool:
    """Whether these answers fulfil one alternative of `shown_if`. An empty code stands for "not answered"."""
    return all(_is_among(answers.get(key), wanted) for key, wanted in way.items())


def read_definition(definition: Mapping[str, Any] | Sequence[Any]) -> tuple[Question, ...]:
    """Raises ValueError when the definition is not one that can be asked."""
    rows = definition["questions"] if isinstance(definition, Mapping) else definition
    questions = tuple(_read_question(row) for row in rows)
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        raise ValueError("a question is defined twice")
    return questions


def asked(questions: Iterable[Question], answers: Answers) -> list[Question]:
    """The questions that these answers lead to, in their order."""
    return [question for question in questions if question.is_asked(answers)]


def follow_ups(questions: Iterable[Question], key: str, answers: Answers) -> list[Question]:
    """The questions that open because of the answer to `key`."""
    opened = (question for question in questions if any(key in way for way in question.shown_if))
    return [question for question in opened if question.is_asked(answers)]


def still_asked(questions: Iterable[Question], answers: Answers, context: Answers) -> dict[str, Any]:
    """The answers without those to questions that a changed earlier answer has closed."""
    kept: dict[str, Any] = {}
    for question in questions:  # a question comes after those that open it
        if question.key in answers and question.is_asked({**context, **kept}):
            kept[question.key] = answers[question.key]
    return kept


def left_over(questions: Iterable[Question], answers: Answers) -> dict[str, Any]:
    """Answers of an earlier version of the questions: to a question that is gone, or that has other options now."""
    by_key = {question.key: question for question in questions}
    return {
        key: value
        for key, value in answers.items()
        if value not in (None, "", []) and (key not in by_key or not by_key[key].accepts(value))
    }


def in_words(question: Question, value: Any, language: str) -> str:
    """The answer in the words in which it was given. Days stay as they are kept: see `times` of the doors."""
    words = {option.code: words_in(option.words, language) for option in question.options}
    given = value if isinstance(value, list | tuple) else [value]
    return ", ".join(words.get(str(one), str(one)) for one in given)


def words_in(words: Mapping[str, str], language: str) -> str:
    return words.get(language[:2]) or words.get("en", "")


def is_plausible(day: date, *, today: date) -> bool:
    return date(EARLIEST_YEAR, 1, 1) <= day and day.year <= today.year + YEARS_AHEAD


def _text(question: Question, value: str) -> str:
    return clean_text(value, limit=question.limit)


def _line(question: Question, value: str) -> str:
    return clean_line(value, limit=question.limit)


def _day(question: Question, value: str) -> str:
    if len(value) != len("2026-11-24"):  # fromisoformat alone would also read 2026-W48-2
        raise ValueError("not a day")
    return date.fromisoformat(value).isoformat()


def _number(question: Question, value: str) -> str:
    if not value.isascii() or not value.isdecimal() or len(value) > len(str(MOST_NUMBER)) or int(value) > MOST_NUMBER:
        raise ValueError("not a number")
    return str(int(value))


def _amount(question: Question, value: str) -> str:
    """ "45000 RUB", "120.50": the currency may be left out."""
    if not _AMOUNT.fullmatch(value) or (" " in value and value[-3:] not in question.currencies):
        raise ValueError("not an amount")
    return value


_CLEAN = {"text": _text, "line": _line, "place": _line, "date": _day, "number": _number, "amount": _amount}


def _read_question(row: Mapping[str, Any]) -> Question:
    if row["kind"] not in KINDS:
        raise ValueError(f"question {row['key']}: unknown kind {row['kind']}")
    shown_if = row.get("shown_if") or []
    return Question(
        key=str(row["key"]),
        kind=str(row["kind"]),
        options=tuple(Option(str(option["code"]), _words(option)) for option in row.get("options", [])),
        words=_words(row),
        why=_words(row.get("why", {})),
        shown_if=tuple(
            {key: tuple(values) for key, values in way.items()}
            for way in ([shown_if] if isinstance(shown_if, Mapping) else shown_if)
        ),
        words_other=_words(row.get("other", {})),
        limit=min(int(row.get("limit", LINE)), MOST_TEXT),
        currencies=tuple(str(code) for code in row.get("currencies", ())),
    )


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in row.items() if len(key) in (2, 3) and isinstance(value, str)}


def _is_among(value: Any, wanted: tuple[str, ...]) -> bool:
    given = value if isinstance(value, list | tuple) else ["" if value is None else value]
    return any(one in wanted for one in given)
