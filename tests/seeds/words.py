"""Collects the translatable words of the source: Python calls by their syntax tree, templates by their tags."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
TAG = re.compile(r"{%\s*(?:translate|trans)\s+(\"[^\"]+\"|'[^']+')([^%]*)%}")
CONSTANT = re.compile(r"_\((\"[^\"]+\"|'[^']+')\)")
BLOCK = re.compile(r"{%\s*(?:blocktranslate|blocktrans)([^%]*)%}(.*?){%\s*end(?:blocktranslate|blocktrans)\s*%}", re.S)
CONTEXT = re.compile(r"context\s+[\"']([^\"']+)[\"']")
Word = tuple[str, str]  # context, msgid


def words_of(app: str) -> dict[Word, str]:
    """Every translatable word of an app → where it stands."""
    found: dict[Word, str] = {}
    for path in sorted((ROOT / app).rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            words = _in_python(path.read_text(encoding="utf-8"))
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            words = _in_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for word in words:
            found.setdefault(word, str(path.relative_to(ROOT)))
    return found


def _in_python(text: str) -> Iterator[Word]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name.startswith("p"):
            if len(constants) > 1:
                yield constants[0], constants[1]
        elif constants:
            yield "", constants[0]


def _in_template(text: str) -> Iterator[Word]:
    for match in TAG.finditer(text):
        context = CONTEXT.search(match[2])
        yield (context[1] if context else ""), match[1][1:-1]
    for match in CONSTANT.finditer(text):
        yield "", match[1][1:-1]
    for match in BLOCK.finditer(text):
        context = CONTEXT.search(match[1])
        singular = re.split(r"{%\s*plural\s*%}", match[2])[0]
        message = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", singular.replace("%", "%%"))
        if "trimmed" in match[1]:
            message = " ".join(line.strip() for line in message.splitlines() if line.strip())
        yield (context[1] if context else ""), message
