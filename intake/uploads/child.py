"""The child process in which a file is taken apart: `python -m intake.uploads.child KIND FORM`, the file on its stdin.

Whatever a file does to the libraries that read it (memory, time, a crash) ends here. Answers on stdout: one line of
JSON (`media_type`, `kind`; or `refused`), then the clean bytes. Knows no Django, no settings and no keys.
"""

import json
import os
import resource
import sys
from typing import NoReturn

from .refused import Refused

DATA = 262 * 1024 * 1024  # bytes of memory of our own; with what the libraries map it stays under 300 MB
ADDRESSES = 1024 * 1024 * 1024  # bytes of address space: libraries and thread stacks reserve much more than they use
SECONDS = 50  # of processor time


def limit_ourselves() -> None:
    for kind, most in (
        (resource.RLIMIT_DATA, DATA),
        (resource.RLIMIT_AS, ADDRESSES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),  # no file is written; pipes do not count
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def cleaned(content: bytearray, kind: str, form: str) -> tuple[str, str, bytes]:
    """Kind, media type and bytes. Raises Refused. Imports only what this kind of file needs."""
    if kind == "photo":
        from .pictures import clean_picture

        return "photo", *clean_picture(bytes(content), form)
    if kind == "pdf":
        from .documents import clean_pdf

        return "pdf", *clean_pdf(bytes(content))
    if kind == "office":
        from .office import clean_office

        return "office", *clean_office(bytes(content))
    if form in ("mp4", "matroska"):
        from .videos import clean_video

        return clean_video(content, form)
    from .sounds import clean_sound

    return "audio", *clean_sound(bytes(content), form)


def main() -> NoReturn:
    limit_ourselves()
    kind, form = sys.argv[1:3]
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints may stand between our bytes
    content = b""
    try:
        found, media_type, content = cleaned(bytearray(sys.stdin.buffer.read()), kind, form)
        head = {"kind": found, "media_type": media_type}
    except Refused as refusal:
        head = {"refused": refusal.reason}
    except (MemoryError, RecursionError):
        head = {"refused": "too_complex"}
    answer.write(json.dumps(head).encode() + b"\n" + content)
    answer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
