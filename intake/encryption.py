"""Encrypted fields and the keys they need: report keys, wrapping, the system key. Knows no table of ours."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2, random nonces
KEY_BYTES = 32


class CannotDecrypt(Exception):
    """The key does not fit, or the stored bytes were changed or moved. Carries no content."""


class DataKey:
    """One report's key. `label` binds a sealed value to its table, column and row, so that it cannot be moved."""

    __slots__ = ("_cipher",)

    def __init__(self, raw: bytes) -> None:
        self._cipher = AESGCM(raw)

    def seal(self, value: bytes, *, label: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, label.encode())

    def open(self, sealed: bytes, *, label: str) -> bytes:
        """Raises CannotDecrypt."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt(label) from error

    def __repr__(self) -> str:
        return "<DataKey>"


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True, repr=False)
class _Keyring:
    source: Mapping[str, bytes]
    newest: str
    ciphers: Mapping[str, DataKey]


_remembered: _Keyring | None = None


def _keyring() -> _Keyring:
    """The masters as they are now: a rotation changes them under a running process, which gives another object then."""
    global _remembered
    masters: Mapping[str, bytes] = settings.KORPU_KEYS.masters
    ring = _remembered
    if ring is None or ring.source is not masters:
        ring = _Keyring(masters, next(iter(masters)), {name: DataKey(raw) for name, raw in masters.items()})
        _remembered = ring
    return ring


def newest_master() -> str:
    """The name of the master key with which new report keys are wrapped."""
    return _keyring().newest


def wrap_key(raw: bytes, *, owner: UUID) -> tuple[str, bytes]:
    """Wraps a data key with the newest master key; returns the master's name and the wrapped bytes."""
    ring = _keyring()
    return ring.newest, ring.ciphers[ring.newest].seal(raw, label=f"key:{owner}")


def unwrap_key(wrapped: bytes, *, master: str, owner: UUID) -> DataKey:
    """Raises CannotDecrypt, also when the master key is no longer there."""
    return DataKey(_unwrapped(wrapped, master, owner))


def rewrap_key(wrapped: bytes, *, master: str, owner: UUID) -> tuple[str, bytes]:
    """The same data key under the newest master. Raises CannotDecrypt."""
    return wrap_key(_unwrapped(wrapped, master, owner), owner=owner)


def _unwrapped(wrapped: bytes, master: str, owner: UUID) -> bytes:
    """A master that is not known is looked for in the file once more: another process may have added it just now."""
    if master not in _keyring().ciphers:
        settings.KORPU_KEYS.read_again()
    cipher = _keyring().ciphers.get(master)
    if cipher is None:
        raise CannotDecrypt(f"master key {master}")
    return cipher.open(bytes(wrapped), label=f"key:{owner}")


@lru_cache(maxsize=1)
def system_key() -> DataKey:
    """For our own secrets: webhook secrets, staff and partner telephone numbers, second factors."""
    return DataKey(settings.KORPU_KEYS.system)


def receipt_code_key() -> bytes:
    return settings.KORPU_KEYS.receipt_code


def derive_key(secret: str, *, purpose: str) -> DataKey:
    """A key that only the holder of a long random `secret` (a draft's cookie, an Idempotency-Key) can make again."""
    return DataKey(hashlib.blake2b(secret.encode(), digest_size=KEY_BYTES, person=purpose.encode()[:16]).digest())


def keyed_hash(value: str, *, purpose: str) -> bytes:
    """HMAC-SHA-256 under the system's hash key, for look-ups of secrets that must not be stored."""
    return hmac.new(settings.KORPU_KEYS.lookup, f"{purpose}:{value}".encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """An encrypted value as it lies in the database. Printing it shows nothing."""

    blob: bytes

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self.blob)


class EncryptedField(models.BinaryField):
    """Holds a `Sealed` value under its report's key. Read and written through `SealedModel.seal` and `.unseal`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs["null"] = True
        kwargs["blank"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        kwargs.pop("blank", None)
        return name, path, args, kwargs

    def from_db_value(self, value: Any, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.model.__name__}.{self.name} takes sealed values only")
        return super().get_db_prep_value(None if value is None else value.blob, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("Encrypted fields are not serialised; backup copies rows as they are.")


class SealedModel(models.Model):
    """A row with encrypted fields. Values are JSON inside, so text, lists and objects are kept alike."""

    class Meta:
        abstract = True

    def sealing_label(self, name: str) -> str:
        return f"{self._meta.db_table}.{name}:{self.pk}"

    def seal(self, key: DataKey, **values: Any) -> "SealedModel":
        """Encrypts each value into the field of that name; None and empty text are stored as NULL."""
        for name, value in values.items():
            if value is None or value == "":
                setattr(self, name, None)
                continue
            plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            setattr(self, name, Sealed(key.seal(plain, label=self.sealing_label(name))))
        return self

    def unseal(self, key: DataKey, name: str) -> Any:
        """The plain value of the field, or None. Raises CannotDecrypt."""
        sealed: Sealed | None = getattr(self, name)
        if sealed is None:
            return None
        return json.loads(key.open(sealed.blob, label=self.sealing_label(name)))


class SystemEncryptedTextField(models.Field):
    """Text of our own (no reporter's) under the system key; plain in Python, sealed in the database."""

    empty_values = (None, "")

    def get_internal_type(self) -> str:
        return "BinaryField"

    def _label(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"

    def from_db_value(self, value: Any, *_: Any) -> str | None:
        if value is None:
            return None
        return system_key().open(bytes(value), label=self._label()).decode() if len(value) else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        sealed = system_key().seal(str(value).encode(), label=self._label()) if value else b""
        return connection.Database.Binary(sealed)
