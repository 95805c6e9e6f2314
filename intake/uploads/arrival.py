"""A file on its way in: sealed while it comes, so that nothing readable ever lies on a disk, and looked at once."""

import tempfile
from pathlib import Path
from typing import IO

from .refused import Refused
from .sealing import Sealer
from .types import HEAD, Found, found_in


class Arrival:
    """Give it the bytes as they come, then `finish`. The temporary file has no name: a killed process leaves nothing.

    `limit` in bytes; `label` binds the sealed bytes to where they belong. `is_looked_at`: what begins here is the
    beginning of a file.
    """

    def __init__(self, *, key: bytes, label: str, limit: int, folder: Path, is_looked_at: bool = True) -> None:
        self.size = 0
        self.found: Found | None = None
        self._limit = limit
        self._sealer = Sealer(key, label)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as this does
        self._head = bytearray()
        self._is_looked_at = is_looked_at

    def write(self, chunk: bytes) -> None:
        """Raises Refused as soon as it is certain."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise Refused("too_large")
        if self._is_looked_at and self.found is None:
            self._head += chunk[: HEAD - len(self._head)]
            if len(self._head) >= HEAD:
                self._look()
        self._file.write(self._sealer.feed(chunk))

    def finish(self) -> IO[bytes]:
        """The sealed bytes, to be read from their beginning. Raises Refused."""
        if self._is_looked_at and self.found is None:
            self._look()
        self._file.write(self._sealer.finish())
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        self._file.close()

    def _look(self) -> None:
        self.found = found_in(bytes(self._head))
        self._head.clear()
