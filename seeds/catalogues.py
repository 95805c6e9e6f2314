"""Compiles the translations (.po → .mo) at set-up, without the gettext programs. `python -m seeds.catalogues`."""

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_catalogues(root: Path = ROOT) -> int:
    """Writes each .mo that is missing or older than its .po; returns how many were written."""
    written = 0
    for source in sorted(root.glob("*/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            written += 1
    return written


if __name__ == "__main__":
    compile_catalogues()
    sys.exit(0)
