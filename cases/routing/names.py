"""Comparing names across the three languages: one word skeleton for Azerbaijani, Russian and English. Pure.

Made to err towards a match: a partner left out by mistake costs one offer, a case shown to a friend of the accused may
cost far more.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

Words = frozenset[str]

# Longest first. What the three spellings write differently falls together: Əliyev, Aliyev, Алиев; Həsənov, Гасанов;
# Şahin, Шахин.
_TOGETHER = (
    ("shch", "s"), ("дж", "c"), ("sh", "s"), ("ch", "c"), ("zh", "c"), ("kh", "g"), ("gh", "g"), ("ts", "s"),
    ("ph", "f"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {
        "ə": "a", "e": "a", "ı": "i", "y": "i", "j": "c", "ç": "c", "ş": "s", "ğ": "g", "q": "g", "h": "g", "w": "v",
        "x": "g", "ö": "o", "ü": "u", "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "a", "ё": "io", "ж": "c",
        "з": "z", "и": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
        "т": "t", "у": "u", "ф": "f", "х": "g", "ц": "s", "ч": "c", "ш": "s", "щ": "s", "ъ": "", "ы": "i", "ь": "",
        "э": "a", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "a", "ґ": "g",
    }
)  # fmt: skip
_REPEATED = re.compile(r"(.)\1+")
_WORD = re.compile(r"\w+")
_BETWEEN_NAMES = re.compile(r"[,;\n/]+")


def fold(text: str) -> str:
    """The skeleton of a text: no case, no accents, one letter for each sound that the spellings share."""
    # İ loses its dot only when it is composed; casefold alone would leave a combining mark behind.
    text = unicodedata.normalize("NFKC", text).replace("İ", "i").casefold().replace("'", "").replace("’", "")
    for written, sound in _TOGETHER:
        text = text.replace(written, sound)
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return _REPEATED.sub(r"\1", text)


# What kind of firm it is says nothing about which one; neither do joining words and the demo's own mark.
_NOT_A_NAME = frozenset(
    fold(word)
    for group in (
        ("ООО", "ОАО", "ЗАО", "ПАО", "НАО", "АО", "ИП", "ЧП", "НКО", "АНО", "БФ", "и", "в", "на", "по", "для"),
        ("MMC", "ASC", "QSC", "QHT", "İB", "və", "ya", "ilə"),
        ("LLC", "Ltd", "Inc", "JSC", "NGO", "the", "of", "and", "for", "in"),
    )
    for word in group
)


def words(text: str) -> Words:
    """The words of one name that tell it from others; all of its words if there is no other."""
    every = frozenset(_WORD.findall(fold(text[:2000])))
    telling = frozenset(word for word in every if len(word) > 1 and word not in _NOT_A_NAME)
    return telling or every


def several(text: str) -> tuple[Words, ...]:
    """The names in a text in which a person may have listed more than one."""
    return tuple(found for piece in _BETWEEN_NAMES.split(text) if (found := words(piece)))


@lru_cache(maxsize=20_000)
def declared(name: str) -> Words:
    """`words` of a name that a partner has declared. Never for a reporter's words: the cache would keep them."""
    return words(name)


def any_match(left: Iterable[Words], right: Iterable[Words]) -> bool:
    """Whether a name on the left and one on the right can be the same: one says all that the other says."""
    others = tuple(right)
    return any(_says_all(one, other) or _says_all(other, one) for one in left for other in others)


def _says_all(full: Words, short: Words) -> bool:
    return bool(short) and all(word in full or any(_same_word(word, other) for other in full) for word in short)


def _same_word(one: str, other: str) -> bool:
    """Also with the ending of another case: Мост, мосту; надежды, надежде; Körpü, Körpünün."""
    shorter = min(len(one), len(other))
    stem = shorter - 2 if shorter > 5 else shorter
    return stem >= 4 and abs(len(one) - len(other)) <= 4 and one[:stem] == other[:stem]
