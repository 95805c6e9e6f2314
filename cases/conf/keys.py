"""Key material: read from a file or the environment, made once where that is allowed. Never logged, never committed."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

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


def load_keys(path: Path, *, may_make: bool) -> Keys:
    """Raises ImproperlyConfigured when there are none and none may be made, or when they are damaged."""
    if not path.exists():
        if not may_make:
            raise ImproperlyConfigured(
                f"No keys at {path}. Run `python manage.py first_run`, or set KORPU_KEYS_FILE to where they are."
            )
        make_keys(path)
    return read_keys(path)


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


def _new() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decode(value: str) -> bytes:
    raw = base64.b64decode(value, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return raw
