"""One archive: a compressed tar whose last member holds the checksum of every other. Streamed both ways."""

import hashlib
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

SUMS = "SHA256SUMS"
CHUNK = 1024 * 1024


class Damaged(Exception):
    """The archive is not whole, or not what it says it is. Its words name members, never content."""


class Writer:
    """Writes beside the target and puts it in place when it is whole and on the disk; readable by the owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(path.name + ".part")
        self._sums: list[str] = []

    def __enter__(self) -> "Writer":
        self._part.unlink(missing_ok=True)
        self._raw = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._raw, mode="w|gz")
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._add(SUMS, "".join(self._sums).encode())
            self._tar.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
        self._raw.close()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)

    def add(self, name: str, content: bytes) -> None:
        self._note(name, hashlib.sha256(content).hexdigest())
        self._add(name, content)

    def add_lines(self, name: str, lines: Iterator[bytes]) -> int:
        """Lines through a file on the disk, since a tar wants a member's size before its content."""
        with tempfile.TemporaryFile(dir=self.path.parent) as spool:
            digest, count = hashlib.sha256(), 0
            for line in lines:
                digest.update(line)
                spool.write(line)
                count += 1
            self._note(name, digest.hexdigest())
            self._add_stream(name, spool)
        return count

    def add_file(self, name: str, stream: IO[bytes]) -> None:
        with tempfile.TemporaryFile(dir=self.path.parent) as spool:
            digest = hashlib.sha256()
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                spool.write(chunk)
            self._note(name, digest.hexdigest())
            self._add_stream(name, spool)

    def _note(self, name: str, digest: str) -> None:
        self._sums.append(f"{digest}  {name}\n")

    def _add(self, name: str, content: bytes) -> None:
        self._add_stream(name, io.BytesIO(content))

    def _add_stream(self, name: str, stream: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size = stream.seek(0, os.SEEK_END)
        member.mode = 0o600
        stream.seek(0)
        self._tar.addfile(member, stream)
        self._tar.members = []  # type: ignore[attr-defined]  # else every member would be remembered


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member in order, to be read before the next one is asked for. Raises Damaged."""
    with _told_as_damage(path), tarfile.open(path, mode="r|gz") as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is None:
                raise Damaged(f"{member.name} is no file.")
            yield member.name, stream
            tar.members = []  # type: ignore[attr-defined]


@contextmanager
def _told_as_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise Damaged(f"{path.name} cannot be read to its end ({type(error).__name__}).") from None


def verify(path: Path) -> int:
    """Reads all of it and compares every checksum; returns how many members. Raises Damaged."""
    found: dict[str, str] = {}
    listed: dict[str, str] | None = None
    for name, stream in members(path):
        if listed is not None or name in found:
            raise Damaged(f"{name} stands after the end or twice.")
        with _told_as_damage(path):
            if name == SUMS:
                listed = _read_sums(stream.read())
            else:
                found[name] = _digest(stream)
    if listed is None:
        raise Damaged(f"{path.name} has no end.")
    wrong = sorted(name for name in found.keys() | listed.keys() if found.get(name) != listed.get(name))
    if wrong:
        raise Damaged(f"{len(wrong)} members are not as they were written, such as {wrong[0]}.")
    return len(found)


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _read_sums(content: bytes) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in content.decode().splitlines())
    return {name: digest for digest, name in pairs}
