"""How much of a proof is run: short forms in `make test`, every language in .ci/run, all of it in `make faults`."""

import os

import pytest

FULL = os.environ.get("KORPU_FAULTS") == "full"
# What a browser sees, and what a file does to its child process, does not depend on the database: .ci/run has all
# pages, languages and files in its first run only.
EVERY_PAGE = FULL or (os.environ.get("REQUIRE_SERVICES") == "1" and not os.environ.get("DATABASE_URL"))
BROWSER_LANGUAGES = ["az", "ru", "en"] if EVERY_PAGE else ["ru"]  # Russian has the longest words
# Whole files that take half a minute: .ci/run and `make faults` have them, `make test` has their page in one language.
TAKES_LONG = pytest.mark.skipif(not EVERY_PAGE, reason="NOT RUN: takes long; .ci/run and `make faults` do")
COLOURS = {"az": "light", "ru": "dark", "en": "light"}
