"""Words of invented people: names, stories, messages. All from seeds/data/generated_words.json."""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

_FILE = Path(__file__).resolve().parent.parent / "data" / "generated_words.json"


@cache
def _words(language: str) -> dict[str, Any]:
    read = _read()
    return dict(read.get(language) or read[read["instead"].get(language, "en")])


@cache
def _read() -> dict[str, Any]:
    """Everything as it stands inside JSON text, so that it can be put there as it is."""
    words: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    if any(sign in json.dumps(words, ensure_ascii=False).replace('\\"', "") for sign in ("\\",)):
        raise ValueError("generated words must need no escaping")
    return words


def name(rng: Random, language: str) -> str:
    words = _words(language)
    return f"{rng.choice(words['first'])} {rng.choice(words['last'])}"


def story(rng: Random, language: str, category: str) -> str:
    words = _words(language)
    told = words["category"][category].format(number=rng.randint(2, 9))
    return f"{rng.choice(words['opening'])} {told} {rng.choice(words['closing'])}"


def message(rng: Random, language: str) -> str:
    words = _words(language)
    return f"{rng.choice(words['opening'])} {rng.choice(words['closing'])}"
