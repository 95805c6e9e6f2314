"""Every visible word is there in Azerbaijani and Russian, as the glossary has it, and none that is forbidden."""

import csv
import json
import re
from pathlib import Path

import polib
import pytest

from .words import ROOT, words_of

pytestmark = pytest.mark.any_database

APPS = {"intake": "R", "cases": "S"}
LANGUAGES = ["az", "ru"]
DATA = ROOT / "seeds" / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def catalogue(app: str, language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"))


def plain(text: str) -> str:
    """Comparable: without the case of letters, the closing stop, and the names of placeholders."""
    text = re.sub(r"%\(\w+\)s|\{\w+\}", "{}", text)
    return text.replace("İ", "i").casefold().strip(" .:…")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_every_word_of_the_source_is_translated(app: str, language: str) -> None:
    # Django joins the apps' catalogues, so a word of cases may be translated in intake.
    there = {
        (entry.msgctxt or "", entry.msgid)
        for name in APPS
        for entry in catalogue(name, language)
        if entry.translated() and not entry.obsolete
    }
    missing = {word: place for word, place in words_of(app).items() if word not in there}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_no_entry_is_fuzzy_or_left_empty(app: str, language: str) -> None:
    po = catalogue(app, language)
    assert not [entry.msgid for entry in po.fuzzy_entries()]
    assert not [entry.msgid for entry in po.untranslated_entries()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_every_plural_has_all_forms_of_its_language(app: str, language: str) -> None:
    """Where one is missing the page would show English for some numbers."""
    po = catalogue(app, language)
    count = int(re.search(r"nplurals=(\d)", po.metadata["Plural-Forms"])[1])  # type: ignore[index]
    incomplete = [
        entry.msgid
        for entry in po
        if entry.msgid_plural and len([form for form in entry.msgstr_plural.values() if form.strip()]) != count
    ]
    assert not incomplete


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_a_glossary_term_is_rendered_as_the_glossary_has_it(app: str, language: str) -> None:
    allowed: dict[str, set[str]] = {}
    for row in rows("glossary.csv"):
        if APPS[app] in row["register"]:
            allowed.setdefault(plain(row["en"]), set()).add(plain(row[language]))
    wrong = {
        entry.msgid: (entry.msgstr, allowed[plain(entry.msgid)])
        for entry in catalogue(app, language)
        if plain(entry.msgid) in allowed and plain(entry.msgstr) not in allowed[plain(entry.msgid)]
    }
    assert not wrong


def forbidden(language: str, register: str) -> list[re.Pattern[str]]:
    patterns = []
    for row in rows("forbidden.csv"):
        if row["language"] == language and register in (row["register"] or "RS"):
            word = re.escape(row["word"].casefold())
            # təcili yardım may stand only inside the ambulance's name, təcili tibbi yardım.
            patterns.append(re.compile(rf"\b{word}"))
    return patterns


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_no_forbidden_word_appears(app: str, language: str) -> None:
    patterns = forbidden(language, APPS[app])
    assert patterns or (app, language) != ("intake", "ru")
    found = [
        (entry.msgid, entry.msgstr)
        for entry in catalogue(app, language)
        if any(
            pattern.search(text.casefold())
            for pattern in patterns
            for text in (entry.msgstr, *entry.msgstr_plural.values())
        )
    ]
    assert not found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", APPS)
def test_placeholders_survive_translation(app: str, language: str) -> None:
    holes = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
    broken = [
        entry.msgid
        for entry in catalogue(app, language)
        if not entry.msgid_plural and sorted(holes.findall(entry.msgid)) != sorted(holes.findall(entry.msgstr))
    ]
    assert not broken


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.csv") if path.stem != "forbidden"))
def test_no_seed_file_has_an_empty_or_forbidden_translation(name: str) -> None:
    for row in rows(name):
        for column, text in row.items():
            language = column.rpartition("_")[2]
            if language not in ("az", "ru"):
                continue
            register = "R" if column.startswith("reporter") or row.get("register") == "R" else "S"
            assert text.strip(), f"{name}: {row}"
            assert not any(pattern.search(text.casefold()) for pattern in forbidden(language, register)), (
                f"{name}: {text}"
            )


def sentences(found: object) -> list[tuple[str, str]]:
    """Every (language, sentence) of a definition, however deep."""
    if isinstance(found, list):
        return [pair for one in found for pair in sentences(one)]
    if not isinstance(found, dict):
        return []
    own = [(key, words) for key, words in found.items() if key in ("az", "ru", "en") and isinstance(words, str)]
    return own + [pair for one in found.values() for pair in sentences(one)]


@pytest.mark.parametrize("name", ["questions", "consent_texts", "urgency_rules"])
def test_no_definition_has_an_empty_or_forbidden_word(name: str) -> None:
    found = sentences(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))
    assert {language for language, _words in found} == {"az", "ru", "en"}
    register = "S" if name == "urgency_rules" else "R"
    for language, words in found:
        assert words.strip()
        assert not any(pattern.search(words.casefold()) for pattern in forbidden(language, register)), words


def test_no_question_guesses_whether_the_reader_is_a_man_or_a_woman() -> None:
    guess = re.compile(r"\b(вы|ты|я) (не )?\w+(л|ла|лся|лась)\b", re.IGNORECASE)
    found = sentences(json.loads((DATA / "questions.json").read_text(encoding="utf-8")))
    assert not [words for language, words in found if language == "ru" and guess.search(words)]


def test_the_glossary_is_read_from_one_place() -> None:
    assert (DATA / "glossary.csv").stat().st_size > 20_000
    assert not [path for path in Path(ROOT).glob("*/glossary*") if path.parent.name != "seeds"]
