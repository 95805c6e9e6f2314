"""Key material: read from a file, made once where that is allowed. Never logged, never committed.

Masters can be changed while the site serves (`manage.py rotate_keys`); processes that run notice the changed file.
"""

import base64
import json
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

KEY_BYTES = 32
NAMES = ("system", "receipt_code", "lookup")


@dataclass(frozen=True, repr=False)
class Keys:
    """`masters` wrap the report keys, newest first; the others are single keys of 32 bytes."""

    django_secret: str
    masters: Mapping[str, bytes]
    system: bytes
    receipt_code: bytes
    lookup: bytes


class LiveKeys:
    """The keys of a running process. Only `masters` follow the file; the others are those of its start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self._keys = read_keys(path)
        self.django_secret, self.system = self._keys.django_secret, self._keys.system
        self.receipt_code, self.lookup = self._keys.receipt_code, self._keys.lookup

    @property
    def masters(self) -> Mapping[str, bytes]:
        """Newest first; the same object until the file changes. One `stat` (a microsecond or two)."""
        if _stamp(self._path) != self._stamp:
            self.read_again()
        return self._keys.masters

    def read_again(self) -> None:
        """A file that is away or cannot be read leaves the keys as they are: they still open everything they did."""
        stamp = _stamp(self._path)
        try:
            self._keys = read_keys(self._path)
        except ImproperlyConfigured:
            logger.error("The file of keys was changed and cannot be read; the keys read before stay in use.")
        self._stamp = stamp

    def __repr__(self) -> str:
        return "<LiveKeys>"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def load_keys(path: Path, *, may_make: bool) -> LiveKeys:
    """Raises ImproperlyConfigured when there are none and none may be made, or when they are damaged."""
    if not path.exists():
        if not may_make:
            raise ImproperlyConfigured(
                f"No keys at {path}. Run `python manage.py first_run`, or set KORPU_KEYS_FILE to where they are."
            )
        make_keys(path)
    return LiveKeys(path)


def make_keys(path: Path) -> None:
    """Writes new keys, readable by the owner only. Never overwrites: a key that is lost is data that is lost."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "django_secret": secrets.token_urlsafe(50),
        "masters": {"m1": _new()},
        **{name: _new() for name in NAMES},
    }
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails where another process was quicker; then its keys are the keys
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def read_keys(path: Path) -> Keys:
    try:
        content = json.loads(path.read_text())
        masters = {name: _decode(value) for name, value in content["masters"].items()}
        single = {name: _decode(content[name]) for name in NAMES}
        secret = str(content["django_secret"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ImproperlyConfigured(f"The keys at {path} cannot be read ({type(error).__name__}).") from None
    if not masters or len(secret) < KEY_BYTES:
        raise ImproperlyConfigured(f"The keys at {path} are not complete.")
    return Keys(django_secret=secret, masters=masters, **single)


def add_master(path: Path, *, now: datetime) -> str:
    """Puts a new master before the others and returns its name. Others stay: rows are still wrapped with them."""
    name = ""

    def change(content: dict[str, Any]) -> None:
        nonlocal name
        masters = content["masters"]
        name = f"m{1 + max((int(old[1:]) for old in masters if old[1:].isdecimal()), default=0)}"
        content["masters"] = {name: _new(), **masters}
        content["added"] = {**content.get("added", {}), name: now.astimezone(UTC).isoformat()}

    _change(path, change)
    return name


def keep_only(path: Path, name: str) -> bytes:
    """Removes every other master; returns the file as it was, for `put_back`."""
    before = path.read_bytes()

    def change(content: dict[str, Any]) -> None:
        content["masters"] = {name: content["masters"][name]}

    _change(path, change)
    return before


def put_back(path: Path, content: bytes) -> None:
    _write(path, content)


def added_at(path: Path, name: str) -> datetime | None:
    """None for a master that no rotation added."""
    written = json.loads(path.read_text()).get("added", {}).get(name)
    return datetime.fromisoformat(written) if written else None


def _change(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    _write(path, json.dumps(content, indent=1).encode())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, whenever the process is killed: a new file, on the disk, then put in the old one's place."""
    target = path.resolve()  # a link stays a link
    old = target.stat()
    temporary = target.with_name(f"{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
            os.fchmod(file.fileno(), old.st_mode & 0o777)
            file.flush()
            os.fsync(file.fileno())
        read_keys(temporary)  # what cannot be read must never become the keys
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _new() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decode(value: str) -> bytes:
    raw = base64.b64decode(value, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return raw
