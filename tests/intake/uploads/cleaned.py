"""Cleans a sample as the worker does: in the child, by what its first bytes say."""

import io
import subprocess
import sys
import zipfile

import pikepdf

from intake.uploads.cleaning import clean_in_child
from intake.uploads.types import HEAD, found_in
from tests.conftest import ROOT


def clean(content: bytes) -> tuple[str, str, bytes]:
    """Kind, media type and bytes. Raises Refused."""
    with clean_in_child([content], found_in(content[:HEAD])) as made:
        return made.kind, made.media_type, b"".join(made.chunks)


# A small process in between: the kernel's figure would else begin with the memory of the test itself.
_LAUNCHER = """
import os, resource, sys
command = [sys.executable, "-P", "-m", "intake.uploads.child", *sys.argv[1:]]
os.spawnve(os.P_WAIT, sys.executable, command, os.environ)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def most_memory(content: bytes, kind: str, form: str) -> tuple[int, bytes]:
    """Bytes that the child held at most (as the kernel counted them), and the first line of its answer."""
    env = {"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, kind, form], input=content, capture_output=True, env=env, check=True
    )
    return int(done.stderr.split()[-1]) * 1024, done.stdout.partition(b"\n")[0]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def everything_in_pdf(content: bytes) -> bytes:
    """All that can be read in it, unpacked."""
    with pikepdf.open(io.BytesIO(content)) as document:
        out = io.BytesIO()
        document.save(
            out,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
        )
    return out.getvalue()
