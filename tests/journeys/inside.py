"""Answers questions from within the system: a line of input is code as JSON, what it prints is a line of output."""

import contextlib
import io
import json
import sys

import django


def main() -> None:
    django.setup()
    for line in sys.stdin:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {"json": json})  # noqa: S102 the journey's own code
        print(printed.getvalue().strip(), flush=True)


if __name__ == "__main__":
    main()
