"""A row of the bench's table: what was bound, what was measured, whether it is met."""

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    number: str
    what: str
    bound: str
    measured: str
    is_met: bool
    note: str = ""


def machine() -> str:
    import os

    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def show(rows: Iterable[Row]) -> None:
    print(f"\n{machine()}")
    for row in rows:
        met = "met" if row.is_met else "NOT MET"
        print(f"{row.number:4} {row.what:44} bound {row.bound:9} measured {row.measured:12} {met:8} {row.note}")


def write(rows: Iterable[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine(), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
