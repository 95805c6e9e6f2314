"""Reads the hand-written demo files of seeds/data/demo."""

import json
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "data" / "demo"
SHOWCASE_PARTNER = "nur-huquq"  # the one whose API client the start card prints


@cache
def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def day(value: str, now: datetime) -> date:
    """An absolute ISO date, or an offset such as `-400d` from today."""
    if value.endswith("d"):
        return (now + timedelta(days=int(value[:-1]))).date()
    return date.fromisoformat(value)
