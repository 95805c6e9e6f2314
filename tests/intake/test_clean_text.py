"""Text is stored in one form, without invisible commands, whole."""

import re

import pytest

from intake.clean_text import TooLong, clean_line, clean_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("e\u0308", "ё".replace("ё", "\u00eb")),  # one form for the same letter
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x07c\x1b[31m\x7f\x9b", "abc[31m"),
        ("tab\tstays", "tab\tstays"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("half \ud83d of an emoji", "half  of an emoji"),
        ("😀👨‍👩‍👧 İıŞşƏə ёЁй", "😀👨‍👩‍👧 İıŞşƏə ёЁй"),
        ("'; DROP TABLE report; -- <script>", "'; DROP TABLE report; -- <script>"),
        (" \n\t ", ""),
    ],
)
def test_text_is_kept_as_it_was_meant(typed: str, kept: str) -> None:
    assert clean_text(typed, limit=100) == kept


def test_a_line_has_no_breaks() -> None:
    assert clean_line(" Əli\n\n Vəliyev\t ", limit=20) == "Əli Vəliyev"


def test_the_limit_counts_what_is_kept() -> None:
    assert clean_text("x" * 10 + "\x00" * 20, limit=10) == "x" * 10
    with pytest.raises(TooLong):
        clean_text("x" * 11, limit=10)


def test_a_heap_of_combining_marks_is_broken_up_and_kept() -> None:
    """Normalising takes time in the square of such a run: a megabyte would stop a process for minutes."""
    kept = clean_text("a" + "\u0315\u0316" * 9_000, limit=20_000)
    assert kept.count("\u0315") == kept.count("\u0316") == 9_000
    assert max(len(run) for run in re.findall("[\u0315\u0316]+", kept)) <= 30
