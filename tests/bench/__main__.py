"""`make bench`: prints each row as bound, measured, met or not, and writes var/bench.json. ARGS choose benches."""

import sys
from collections.abc import Callable

from . import decisions, first_start, form, place, reports, stored
from .routing import judge
from .rows import Row, show, write

BENCHES: dict[str, Callable[[], list[Row]]] = {
    "reports": reports.measure,
    "form": form.measure,
    "start": first_start.measure,
    "routing": judge.measure,
    "decisions": decisions.measure,
    "stored": stored.measure,
}


# A million cases take their time: that one is measured when it is asked for.
USUAL = [name for name in BENCHES if name != "stored"]


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no bench called {unknown[0]}. There are: {', '.join(BENCHES)}")
        return 2
    rows = [row for name in (names or USUAL) for row in BENCHES[name]()]
    show(rows)
    write(rows, place.ROOT / "var" / "bench.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
