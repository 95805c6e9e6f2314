"""Text as it is stored: one Unicode form, no invisible commands. Nothing is ever cut off."""

import re
import unicodedata

# Control characters but tab and newline; the bidirectional overrides and isolates, with which text can be made to
# read differently from what it says; lone surrogates, which no database and no UTF-8 can hold.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NEW_LINES = re.compile("\r\n|\r|\u2028|\u2029|\x85")
_MARKS_IN_A_ROW = 30  # UAX #15, stream-safe text format
_GRAPHEME_JOINER = "\u034f"


class TooLong(ValueError):
    """The text has more characters than its field takes."""


def clean_text(value: str, *, limit: int) -> str:
    """Unicode form NFC, without invisible commands and outer blanks. `limit` in characters; raises TooLong."""
    if len(value) > 4 * limit:  # no composition shrinks more than that
        raise TooLong
    text = _INVISIBLE.sub("", _NEW_LINES.sub("\n", value))
    text = unicodedata.normalize("NFC", _stream_safe(text)).strip()
    if len(text) > limit:
        raise TooLong
    return text


def clean_line(value: str, *, limit: int) -> str:
    """Like `clean_text`, on one line: names, numbers, addresses."""
    return " ".join(clean_text(value, limit=limit).split())


def _stream_safe(text: str) -> str:
    """Normalising takes time in the square of a run of combining marks: without this 1 MB of them stops a process."""
    if text.isascii() or not any(map(unicodedata.combining, text)):
        return text
    signs: list[str] = []
    run = 0
    for sign in text:
        run = run + 1 if unicodedata.combining(sign) else 0
        if run > _MARKS_IN_A_ROW:
            signs.append(_GRAPHEME_JOINER)
            run = 1
        signs.append(sign)
    return "".join(signs)
