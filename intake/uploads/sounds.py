"""Voice and sound: tags gone, and nothing kept that is not sound."""

import io
from collections.abc import Iterator

import mutagen
from mutagen.aac import AAC
from mutagen.apev2 import delete as delete_apev2
from mutagen.id3 import delete as delete_id3
from mutagen.mp3 import MP3
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis

from .refused import Refused

_WAV_KEPT = frozenset({b"fmt ", b"fact", b"data"})
# Bytes of a frame after its header byte, by frame type (RFC 4867 §5.3; 3GPP TS 26.101 and 26.201).
_AMR = (12, 13, 15, 17, 19, 20, 26, 31, 5, None, None, None, None, None, None, 0)
_AMR_WB = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, None, None, None, None, 0, 0)


def clean_sound(content: bytes, form: str) -> tuple[str, bytes]:
    """Media type and bytes. Raises Refused."""
    return {"mpeg": _mpeg, "ogg": _ogg, "wav": _wav, "amr": _amr}[form](content)


def _mpeg(content: bytes) -> tuple[str, bytes]:
    """MP3 or ADTS AAC: ID3 and APE tags deleted, and anything else before the first frame left out."""
    file = io.BytesIO(content)
    for delete in (delete_id3, delete_apev2):
        file.seek(0)
        try:
            delete(file)
        except mutagen.MutagenError:
            raise Refused("damaged") from None
    bare = file.getvalue().lstrip(b"\0")
    is_mp3 = _layer(bare) == 1
    try:
        sound = (MP3 if is_mp3 else AAC)(io.BytesIO(bare))
    except (mutagen.MutagenError, ValueError, ZeroDivisionError):
        raise Refused("damaged") from None
    if sound.tags or not bare.startswith(b"\xff"):
        raise Refused("cannot_clean")
    return ("audio/mpeg" if is_mp3 else "audio/aac"), bare


def _layer(content: bytes) -> int:
    return content[1] >> 1 & 3 if len(content) > 1 else 0


def _ogg(content: bytes) -> tuple[str, bytes]:
    for codec in (OggOpus, OggVorbis, OggSpeex):
        file = io.BytesIO(content)
        try:
            sound = codec(file)
            file.seek(0)
            sound.delete(file)
            file.seek(0)
            if codec(file).tags:
                raise Refused("cannot_clean")
        except (mutagen.MutagenError, ValueError, EOFError, IndexError):
            continue
        return "audio/ogg", file.getvalue()
    raise Refused("damaged")


def _wav(content: bytes) -> tuple[str, bytes]:
    """Written anew with the chunks that hold sound; INFO, bext, iXML and the rest are left out."""
    kept = [(name, body) for name, body in _chunks(content) if name in _WAV_KEPT]
    if {name for name, _body in kept} < {b"fmt ", b"data"}:
        raise Refused("damaged")
    body = b"WAVE" + b"".join(
        name + len(part).to_bytes(4, "little") + part + b"\0" * (len(part) % 2) for name, part in kept
    )
    return "audio/wav", b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : at + 8 + size]  # a recording that broke off is shorter
        at += 8 + size + size % 2


def _amr(content: bytes) -> tuple[str, bytes]:
    """Frames up to the first thing that is none; one that was cut off is left out."""
    is_wide = content.startswith(b"#!AMR-WB\n")
    sizes = _AMR_WB if is_wide else _AMR
    start = at = len(b"#!AMR-WB\n" if is_wide else b"#!AMR\n")
    while at < len(content) and content[at] & 0x83 == 0:
        size = sizes[content[at] >> 3 & 15]
        if size is None or at + 1 + size > len(content):
            break
        at += 1 + size
    if at == start:
        raise Refused("damaged")
    return ("audio/amr-wb" if is_wide else "audio/amr"), content[:at]
