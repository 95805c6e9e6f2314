"""`make run`: sets everything up, serves it with demo data and prints where to go. `python -m seeds.run`."""

import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from seeds.catalogues import compile_catalogues

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    started = time.monotonic()
    port = _port()
    _environment(port)
    say("looking at the translations and tables …")
    compile_catalogues()

    import django

    django.setup()
    _prepare()
    from django.core.management import call_command

    threading.Thread(target=_print_card_when_up, args=(port, started), daemon=True).start()
    call_command("serve")
    return 0


def say(sentence: str) -> None:
    print(f"Körpü: {sentence}", flush=True)


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isascii() or not text.isdigit() or not 1024 <= int(text) <= 65000:
        sys.exit(f"Körpü: PORT={text} is not a port between 1024 and 65000.")
    port = int(text)
    for number in (port, port + 1, port + 2):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                sys.exit(f"Körpü: port {number} is taken. Try another: PORT={port + 100} make run")
    return port


def _environment(port: int) -> None:
    """The demo: invented data, its own mail catcher and webhook receiver on the two ports above the site's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cases.conf.settings")
    os.environ.update(KORPU_DEMO="1", PORT=str(port))
    os.environ.setdefault("KORPU_SITE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("KORPU_WEBHOOK_ALLOWED_HOSTS", f"127.0.0.1:{port + 2}")
    os.environ.setdefault("KORPU_LOG_LEVEL", "WARNING")


def _prepare() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from cases.models import Case
    from seeds.demo import make_demo, move_forward
    from seeds.reference import load_reference

    call_command("migrate", interactive=False, verbosity=0)
    # The browsable pages of these two are not mounted.
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["rest_framework", "oauth2_provider"])
    if not Case.objects.exists():
        say("making the demo: reference data, partners, staff, reports (once) …")
        load_reference()
        make_demo(now=timezone.now())
        return
    shift = move_forward(now=timezone.now())
    if shift:
        say(f"the demo was {shift.days} days old: its clocks were moved forward")


def _print_card_when_up(port: int, started: float) -> None:
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz/", timeout=2):  # noqa: S310 (always http)
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    else:
        say("the site does not answer; see var/log/")
        return
    from seeds.card import card

    print(card(address), flush=True)
    say(f"ready after {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
