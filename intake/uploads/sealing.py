"""Sealing a stream in segments, so that neither side ever holds the whole file. Knows not where bytes are kept.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) as in Tink's AES-GCM-HKDF streaming: each stream has
its own key, derived from the file's key, a random salt and a label; each segment's nonce is its number and a mark on
the last one. Changed, moved, missing, repeated or added segments, and another stream in this one's place, do not open.
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEGMENT = 64 * 1024  # bytes of plain text
TAG = 16
SALT = 16
_COUNTER = 11  # bytes of the nonce; the twelfth is the mark


class Damaged(Exception):
    """The stream was cut, changed, put together otherwise, or is another one. Carries no content."""


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Sealer:
    """Takes plain bytes as they come and gives back sealed ones; `finish` must be called, else the stream is cut."""

    def __init__(self, key: bytes, label: str) -> None:
        self._salt = secrets.token_bytes(SALT)
        self._cipher = _cipher(key, self._salt, label)
        self._held = bytearray()
        self._number = 0
        self._has_begun = False

    def feed(self, plain: bytes) -> bytes:
        self._held += plain
        out = bytearray(self._beginning())
        while len(self._held) > SEGMENT:  # the last segment is kept back: it carries the mark
            out += self._seal(bytes(self._held[:SEGMENT]), is_last=False)
            del self._held[:SEGMENT]
        return bytes(out)

    def finish(self) -> bytes:
        return self._beginning() + self._seal(bytes(self._held), is_last=True)

    def _beginning(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return self._salt

    def _seal(self, plain: bytes, *, is_last: bool) -> bytes:
        nonce = _nonce(self._number, is_last=is_last)
        self._number += 1
        return self._cipher.encrypt(nonce, plain, None)


def sealed(chunks: Iterable[bytes], key: bytes, label: str) -> Iterator[bytes]:
    sealer = Sealer(key, label)
    for chunk in chunks:
        if out := sealer.feed(chunk):
            yield out
    yield sealer.finish()


def opened(source: Source, key: bytes, label: str) -> Iterator[bytes]:
    """The plain bytes, segment by segment, each one checked before it is given out. Raises Damaged.

    What came before a fault was right, but the stream is only whole when this ends without one.
    """
    salt = _read(source, SALT)
    if len(salt) != SALT:
        raise Damaged
    cipher = _cipher(key, salt, label)
    number = 0
    segment = _read(source, SEGMENT + TAG)
    while True:
        following = _read(source, SEGMENT + TAG)
        try:
            plain = cipher.decrypt(_nonce(number, is_last=not following), segment, None)
        except (InvalidTag, ValueError):
            raise Damaged from None
        if plain:
            yield plain
        if not following:
            return
        segment = following
        number += 1


def _cipher(key: bytes, salt: bytes, label: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"korpu file:" + label.encode()).derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + (b"\x01" if is_last else b"\x00")


def _read(source: Source, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end: a source may give less at a time."""
    parts = bytearray()
    while len(parts) < size:
        part = source.read(size - len(parts))
        if not part:
            break
        parts += part
    return bytes(parts)
