"""The catalogues: complete, in the glossary's words, without the words that are not to be used."""

import csv
import re

import polib
import pytest

from tests.conftest import ROOT

LANGUAGES = ("az", "ru")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / f"intake/locale/{language}/LC_MESSAGES/django.po"))


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds/data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    words = catalogue(language)
    assert len(words) > 200
    assert not [entry.msgid for entry in words if not entry.msgstr or entry.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    for entry in catalogue(language):
        assert sorted(PLACEHOLDER.findall(entry.msgid)) == sorted(PLACEHOLDER.findall(entry.msgstr)), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_glossary_has_words_they_are_used(language: str) -> None:
    allowed: dict[str, set[str]] = {}
    for row in rows("glossary.csv"):
        allowed.setdefault(row["en"], set()).add(row[language])
    checked = [entry for entry in catalogue(language) if entry.msgid in allowed and not entry.msgctxt]
    assert len(checked) > 80
    assert not [entry.msgid for entry in checked if entry.msgstr not in allowed[entry.msgid]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_forbidden_word_is_used(language: str) -> None:
    forbidden = [row["word"] for row in rows("forbidden.csv") if row["language"] == language]
    assert forbidden
    for entry in catalogue(language):
        found = [word for word in forbidden if re.search(rf"\b{re.escape(word)}", entry.msgstr, re.IGNORECASE)]
        assert not found, entry.msgid


def test_russian_never_guesses_whether_the_reader_is_a_man_or_a_woman() -> None:
    guess = re.compile(r"\b(вы|ты|я) (не )?\w+(л|ла|лся|лась)\b", re.IGNORECASE)
    assert not [entry.msgid for entry in catalogue("ru") if guess.search(entry.msgstr)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_stands_in_the_catalogue(language: str) -> None:
    """A reminder to run `make messages`: words in templates and code that the catalogue does not know."""
    known = {entry.msgid for entry in catalogue(language)}
    found: set[str] = set()
    for path in (ROOT / "intake").rglob("*.html"):
        found |= set(re.findall(r"""{% translate "([^"]+)\"""", path.read_text(encoding="utf-8")))
    for path in (ROOT / "intake").rglob("*.py"):
        found |= set(re.findall(r"""\b(?:_|gettext_lazy)\(\s*"([^"]+)\"""", path.read_text(encoding="utf-8")))
    assert len(found) > 150
    missing = {sentence.replace("\\n", "\n") for sentence in found} - known
    # A long sentence may go on in the next line of the source: its beginning is enough here.
    assert not {begun for begun in missing if not any(whole.startswith(begun) for whole in known)}
