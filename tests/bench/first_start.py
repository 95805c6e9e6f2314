"""P18: from a clone in an empty folder to the first page, and the second start. Needs the package registry."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from . import place
from .rows import Row


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "korpu"
        subprocess.run(["git", "clone", "--quiet", str(place.ROOT), str(clone)], check=True)
        first = _seconds_to_first_page(clone)
        second = _seconds_to_first_page(clone)
        shutil.rmtree(clone, ignore_errors=True)
    return [
        Row("P18", "make run on a fresh machine to first page", "<= 120 s", f"{first:.1f} s", first <= 120),
        Row("P18", "second start", "<= 8 s", f"{second:.1f} s", second <= 8),
    ]


def _seconds_to_first_page(clone: Path) -> float:
    port = _three_free_ports()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "DJANGO_", "VIRTUAL"))}
    kept.pop("DATABASE_URL", None)
    kept.pop("REDIS_URL", None)
    begun = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env={**kept, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - begun < 300:
            if process.poll() is not None:
                raise RuntimeError(f"make run ended with {process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/en/", timeout=2) as page:
                    page.read()
                return time.monotonic() - begun
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("no page after 300 s")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)


def _three_free_ports() -> int:
    for _ in range(100):
        port = place.free_port()
        try:
            for number in (port + 1, port + 2):
                import socket

                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise RuntimeError("no three free ports in a row")
