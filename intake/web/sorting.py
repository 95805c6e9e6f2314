"""The order of words in the reader's own alphabet."""

from collections.abc import Iterable
from functools import lru_cache

# Azerbaijani has its own order (ə after e, x after h, ı before i, q after k); Russian needs ё beside е.
_ALPHABETS = {
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvwyz",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}


@lru_cache(maxsize=2048)  # the names of countries and regions, in each language
def sort_key(word: str, language: str) -> tuple[tuple[int, str], ...]:
    alphabet = _ALPHABETS.get(language, "")
    lowered = word.replace("I", "ı").replace("İ", "i").lower() if language == "az" else word.lower()
    return tuple((alphabet.find(sign), sign) for sign in lowered)


def in_order(choices: Iterable[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Choices sorted by their words."""
    return sorted(choices, key=lambda choice: sort_key(choice[1], language))
