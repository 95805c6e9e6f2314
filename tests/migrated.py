"""A SQLite database with every migration applied, made once a run: each process that needs a place gets a copy.

Applying them takes ten seconds of processor time. That they can be applied to nothing is shown where this one is made
and by the whole system (tests/workers/test_serve.py).
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "korpu.sqlite3"


def make_once(shared: Path) -> Path:
    """The database's file in `shared`, a folder that all workers of this run see; whoever comes first makes it."""
    folder = shared / "migrated"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / NAME).exists():
            _migrate(folder / "making")
            shutil.copy(folder / "making" / NAME, folder / NAME)
    return folder / NAME


def _migrate(var: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST"))}
    kept |= {"KORPU_VAR": str(var), "KORPU_TESTING": "1", "DATABASE_URL": "", "REDIS_URL": ""}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=kept, check=True)
    # What is still in the write-ahead log would not be in a copy of the file.
    code = f"import sqlite3; sqlite3.connect({str(var / NAME)!r}).execute('PRAGMA wal_checkpoint(TRUNCATE)')"
    subprocess.run([sys.executable, "-c", code], check=True)
