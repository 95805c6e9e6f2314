"""One ZIP made while it is sent: no temporary file, and never more of it in memory than one piece of a file."""

import zipfile
from collections.abc import Iterator, Sequence

from django.template.loader import render_to_string

from intake.encryption import CannotDecrypt, DataKey
from intake.models import Attachment
from intake.queries.files import read_clean, safe_name
from intake.uploads.sealing import Damaged

from .copy_words import CopyWords

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP knows: says nothing of when it was made


class _Pipe:
    """Where the ZIP is written: hands on what it was given since the last look."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, chunk: bytes) -> int:
        self.parts.append(bytes(chunk))
        return len(chunk)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def archive(words: CopyWords, files: Sequence[Attachment], key: DataKey) -> Iterator[bytes]:
    """index.html and text.txt say everything; the files lie beside them, cleaned, under names that mean nothing."""
    pipe = _Pipe()
    html = render_to_string("intake/copy.html", {"words": words})
    with zipfile.ZipFile(pipe, "w") as made:  # type: ignore[call-overload]
        made.writestr(_entry("index.html", zipfile.ZIP_DEFLATED), html.encode())
        made.writestr(_entry("text.txt", zipfile.ZIP_DEFLATED), words.as_text().encode("utf-8-sig"))
        yield pipe.taken()
        for file in files:
            yield from _copied(made, pipe, file, key)
    yield pipe.taken()


def _copied(made: zipfile.ZipFile, pipe: _Pipe, file: Attachment, key: DataKey) -> Iterator[bytes]:
    """A file whose stored bytes are damaged ends where they do: the rest must still arrive."""
    with made.open(_entry(f"files/{safe_name(file)}", zipfile.ZIP_STORED), "w", force_zip64=True) as target:
        try:
            for chunk in read_clean(file, key):
                target.write(chunk)
                yield pipe.taken()
        except (Damaged, CannotDecrypt, OSError):
            pass
    yield pipe.taken()


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = how
    entry.external_attr = 0o600 << 16
    return entry
