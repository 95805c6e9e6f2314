"""The skeleton of a person's name: one form for its Azerbaijani, Russian and English spellings, and nothing else.

Əliyev, Алиев, Aliyev and Aliev give one skeleton. It is coarse on purpose, since one exact hash must hold every
spelling: `a`, `e` and `ə` are one sound, so are `h`, `x`, `kh`, `q`, `g`, `k` and `ğ`; `c`, `j`, `dj`, `дж`, `ç`, `ч`
and `ж`; `s`, `ş`, `ш`, `щ` and `ц`. Doubled letters count once; the order of the words does not matter; a patronymic
that one door asks for and the next does not is left out. So a match of names alone is a hint for a person, never a
fact: strangers can share a skeleton (Лена and Лана do), and no rule of ours joins reports by it.

Not covered, because covering it would join too many strangers: p for b (Акперов, Əkbərov), o for u or e (Оруджев,
Orucov), Магомед for Məhəmməd, short forms (Саша), ö written ё (Гёзал).
"""

import re
import unicodedata

LONGEST = 200  # characters, as identity names are limited

_CYRILLIC = {
    **dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufie", strict=True)),
    "ё": "e",
    "й": "i",
    "ж": "zh",
    "х": "x",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    # Azerbaijani as it was written in Cyrillic until 1991, and on old papers still is
    "ә": "e",
    "ө": "o",
    "ү": "u",
    "ғ": "g",
    "ҝ": "g",
    "ҹ": "c",
    "һ": "h",
    "ј": "y",
    # Ukrainian
    "і": "i",
    "ї": "yi",
    "є": "ye",
    "ґ": "g",
}
_LATIN = {"ə": "e", "ı": "i", "ç": "ch", "ş": "sh", "ğ": "g", "ö": "o", "ü": "u", "ä": "e", "w": "v", "ß": "s"}
_LETTERS = str.maketrans({**_CYRILLIC, **_LATIN})
_APOSTROPHES = str.maketrans(dict.fromkeys("'’ʼ`´ʹʺ\"“”", ""))

# English spellings in which x is "ks", which in Azerbaijani it never is.
_ENGLISH = (("alexander", "aleksandr"), ("alex", "aleks"), ("maxim", "maksim"), ("xeni", "kseni"), ("oxan", "oksan"))
# Read one after the other, on small letters without marks.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("s(?:h?ch|h)", "s"),  # shch, sch, sh
        ("dzh|dj|zh|ch", "J"),  # a capital is not read again
        ("ph", "f"),
        ("c(?=[bdfgklmnpqrstvxz])", "k"),  # Victor, Viktor
        ("j(?=[bdfghklmnpqrstvxz]|$)", "i"),  # Gusejnov, Sergej
        ("c|j", "J"),
        ("ts|tz", "s"),
        ("s[hx]", "s"),  # İshaq, Исхак
        ("[kgq][hx]|[xhgqk]", "k"),
        ("[yi]o", "e"),  # Semyonov, Семёнов
        ("(?<=[bdfjklmnprstvz])[yi]u", "u"),  # Шукюров, Şükürov
        ("ye", "e"),  # Agayev, Агаев, Yevgeny, Евгений
        ("(?<=[aeou])ie", "e"),  # Agaiev
        ("y", "i"),
        ("e", "a"),
        ("J", "j"),
    )
)
_DOUBLED = re.compile(r"(.)\1+")
_SON_OR_DAUGHTER = frozenset({"oklu", "okli", "kizi"})  # oğlu, оглы, qızı, кызы: the word before is the father's name
_PATRONYMIC = re.compile(r".+(?:[oa]vij|[oa]vna|inijna|itijna)|ilij|kuzmij|lukij|fomij|nikitij")
FEWEST = 2  # words that must be left when a patronymic is dropped


def normal_name(typed: str) -> str:
    """The skeleton, its words in alphabetical order with one blank between them; "" when nothing is left."""
    text = unicodedata.normalize("NFKC", typed[:LONGEST]).translate(_APOSTROPHES)
    text = text.replace("İ", "i").casefold().replace("-", " ")
    words = [_skeleton(word) for word in re.split(r"[^\w\u0300-\u036f]+|_", text)]
    return " ".join(sorted(_without_patronymic([word for word in words if word])))


def _skeleton(word: str) -> str:
    letters = unicodedata.normalize("NFC", word).translate(_LETTERS)
    plain = "".join(sign for sign in unicodedata.normalize("NFD", letters) if not unicodedata.combining(sign))
    for spelling, meant in _ENGLISH:
        plain = plain.replace(spelling, meant)
    for pattern, sound in _SOUNDS:
        plain = pattern.sub(sound, plain)
    return _DOUBLED.sub(r"\1", plain)


def _without_patronymic(words: list[str]) -> list[str]:
    """Left out only where two other words remain: `Vüqar Rəşid oğlu` alone would become one first name."""
    marked = {place for place, word in enumerate(words) if word in _SON_OR_DAUGHTER}
    named = [word for place, word in enumerate(words) if place not in marked]
    fathers = {place - 1 for place in marked if place} | {
        place for place, word in enumerate(words) if _PATRONYMIC.fullmatch(word)
    }
    shorter = [word for place, word in enumerate(words) if place not in marked | fathers]
    return shorter if len(shorter) >= FEWEST else named
