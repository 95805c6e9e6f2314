"""`make tour`: plays the journey with pauses and makes the README's screenshots. `--fast` leaves the pauses out."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from .browser import Person, chromium_at
from .caseworker import Caseworker
from .system import ROOT, System, wait_for, whole_system
from .test_journey import IN_RUSSIA, offered_to, reference_on

IMAGES = ROOT / "docs" / "images"
LANGUAGES = ("az", "ru", "en")
PAUSE = 2.0  # seconds


def main(arguments: list[str]) -> int:
    chromium = shutil.which("chromium")
    if not chromium:
        print("The tour needs Chromium (on Debian: apt-get install chromium).")
        return 2
    pause = 0.0 if "--fast" in arguments else PAUSE
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, whole_system(Path(var), reports=True) as system:
        say("a person on a phone reports a detention", pause)
        code, reference = _report(system, chromium)
        say(f"their report is {reference}; the case is routed", pause)
        wait_for(lambda: offered_to(system, reference), why="the case was not offered")
        for language in LANGUAGES:
            say(f"pictures in {language}", pause)
            _phone(system, chromium, language, code)
            _console(system, chromium, language, reference)
    say(f"the pictures lie in {IMAGES.relative_to(ROOT)}/", 0)
    return 0


def say(sentence: str, pause: float) -> None:
    print(f"tour: {sentence}", flush=True)
    time.sleep(pause)


def _report(system: System, chromium: str) -> tuple[str, str]:
    with chromium_at(chromium) as page:
        code = Person(page, system.base, language="az").report(IN_RUSSIA)
        return code, reference_on(page.locator("main").inner_text())


def _phone(system: System, chromium: str, language: str, code: str) -> None:
    with chromium_at(chromium, height=780) as page:
        page.goto(f"{system.base}/{language}/")
        page.screenshot(path=str(IMAGES / f"form-{language}.png"))
        Person(page, system.base, language=language).read_page(code)
        page.screenshot(path=str(IMAGES / f"page-{language}.png"))


def _console(system: System, chromium: str, language: str, reference: str) -> None:
    with chromium_at(chromium, width=1280, height=800) as page:
        page.context.add_cookies([{"name": "korpu_language", "value": language, "url": system.base}])
        Caseworker(page, system.base, "Aygün Sınaqlı")
        page.goto(f"{system.base}/console/queue/?tab=open")
        page.screenshot(path=str(IMAGES / f"queue-{language}.png"))
        page.goto(f"{system.base}/console/cases/{reference}/")
        page.screenshot(path=str(IMAGES / f"case-{language}.png"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
