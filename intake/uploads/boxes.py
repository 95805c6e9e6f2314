"""MP4, MOV, 3GP and M4A: what says where, when and by whom is blanked in place, so that every offset stays right.

Known boxes stay (ISO/IEC 14496-12, QuickTime File Format); everything else becomes an empty `free` box of its size.
Tracks that are neither picture nor sound (places, sensors) are blanked together with what they hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import error as struct_error
from struct import unpack_from

from .refused import Refused

DEEPEST = 12
MOST_BOXES = 200_000
_TOP = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"sidx", b"mfra"})
_CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"mvex", b"moof", b"traf", b"mfra"}
)
_INSIDE = frozenset(
    {b"mvhd", b"tkhd", b"elst", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"dref", b"stsd", b"stts", b"ctts", b"cslg"}
    | {b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stsh", b"sdtp", b"sbgp", b"sgpd", b"subs", b"tref"}
    | {b"mehd", b"trex", b"mfhd", b"tfhd", b"tfdt", b"trun", b"tfra", b"mfro", b"gmhd", b"tapt", b"clef", b"prof"}
    | {b"enof", b"load", b"saiz", b"saio"}
)
_SHOWN = frozenset({b"vide", b"soun"})
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class Track:
    box: Box
    handler: bytes


def clean_boxes(content: bytearray) -> tuple[str, bytes]:
    """The kind of what is left ("audio" or "video") and its bytes. Raises Refused."""
    try:
        return _cleaned(content)
    except (struct_error, IndexError):
        raise Refused("damaged") from None


def _cleaned(content: bytearray) -> tuple[str, bytes]:
    top = list(_boxes(content, 0, len(content)))
    movies = [box for box in top if box.kind == b"moov"]
    if len(movies) != 1:
        raise Refused("damaged")
    tracks = list(_tracks(content, movies[0]))
    shown = {track.handler for track in tracks} & _SHOWN
    if not shown:
        raise Refused("damaged")
    for track in tracks:
        if track.handler not in _SHOWN:
            _blank_samples(content, track.box, top)
            _blank(content, track.box)
    for box in top:
        _keep_known(content, box, _TOP, 0)
    end = top[-1].end  # what hangs behind the last box is left out
    return "video" if b"vide" in shown else "audio", bytes(content[:end])


def _boxes(content: bytearray, start: int, end: int) -> Iterator[Box]:
    """One after the other. A box that says it is longer than its place is cut off there: a recording that broke off."""
    at = start
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        size, kind = unpack_from(">I4s", content, at)
        body = at + 8
        if size == 1:
            (size,) = unpack_from(">Q", content, body)
            body += 8
        last = end if size == 0 else at + size
        if last < body or (last > end and kind != b"mdat"):
            raise Refused("damaged")
        yield Box(kind, at, body, min(last, end))
        at = last
    raise Refused("too_complex")


def _keep_known(content: bytearray, box: Box, known: frozenset[bytes], depth: int) -> None:
    if depth > DEEPEST:
        raise Refused("too_complex")
    if box.kind not in known:
        _blank(content, box)
        return
    if box.kind in _DATED:
        _blank_dates(content, box)
    elif box.kind == b"hdlr":
        _blank_bytes(content, box.body + 24, box.end)  # the maker's name for it
    if box.kind in _CONTAINERS:
        for inner in _boxes(content, box.body, box.end):
            _keep_known(content, inner, _CONTAINERS | _INSIDE, depth + 1)


def _tracks(content: bytearray, movie: Box) -> Iterator[Track]:
    for box in _boxes(content, movie.body, movie.end):
        if box.kind == b"trak":
            handler = _inside(content, box, b"mdia", b"hdlr")
            kind = bytes(content[handler.body + 8 : handler.body + 12]) if handler else b""
            yield Track(box, kind)


def _inside(content: bytearray, box: Box, *path: bytes) -> Box | None:
    found: Box | None = box
    for kind in path:
        if found is None:
            return None
        found = next((inner for inner in _boxes(content, found.body, found.end) if inner.kind == kind), None)
    return found


def _blank(content: bytearray, box: Box) -> None:
    content[box.start + 4 : box.start + 8] = b"free"
    _blank_bytes(content, box.body, box.end)


def _blank_bytes(content: bytearray, start: int, end: int) -> None:
    if end > start:
        content[start:end] = bytes(end - start)


def _blank_dates(content: bytearray, box: Box) -> None:
    width = 16 if content[box.body] == 1 else 8  # created and changed, after version and flags
    _blank_bytes(content, box.body + 4, min(box.body + 4 + width, box.end))


# --- samples of a track that goes -------------------------------------------------------------------------------------


def _blank_samples(content: bytearray, track: Box, top: list[Box]) -> None:
    """Where the track's samples lie is said by stco, stsc and stsz. In fragments they cannot be told apart."""
    if any(box.kind == b"moof" for box in top):
        raise Refused("cannot_clean")
    table = _inside(content, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    parts = {box.kind: box for box in _boxes(content, table.body, table.end)}
    sizes = _sample_sizes(content, parts)
    data = [box for box in top if box.kind == b"mdat"]
    number = 0
    for offset, count in _chunks(content, parts):
        length = sum(sizes[number : number + count])
        number += count
        if not any(box.body <= offset and offset + length <= box.end for box in data):
            raise Refused("cannot_clean")  # it would blank something else
        _blank_bytes(content, offset, offset + length)


def _sample_sizes(content: bytearray, parts: dict[bytes, Box]) -> list[int]:
    box = parts.get(b"stsz")
    if box is None:
        raise Refused("cannot_clean")
    same, count = unpack_from(">II", content, box.body + 4)
    if same:
        if count > MOST_BOXES:
            raise Refused("too_complex")
        return [same] * count
    if box.body + 12 + 4 * count > box.end:
        raise Refused("damaged")
    return list(unpack_from(f">{count}I", content, box.body + 12))


def _chunks(content: bytearray, parts: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    """Offset and number of samples of each chunk."""
    box = parts.get(b"stco") or parts.get(b"co64")
    runs = parts.get(b"stsc")
    if box is None or runs is None:
        raise Refused("cannot_clean")
    (count,) = unpack_from(">I", content, box.body + 4)
    letter, width = ("I", 4) if box.kind == b"stco" else ("Q", 8)
    if box.body + 8 + width * count > box.end:
        raise Refused("damaged")
    offsets = unpack_from(f">{count}{letter}", content, box.body + 8)
    (run_count,) = unpack_from(">I", content, runs.body + 4)
    if runs.body + 8 + 12 * run_count > runs.end:
        raise Refused("damaged")
    firsts = [unpack_from(">II", content, runs.body + 8 + 12 * number) for number in range(run_count)]
    run = 0
    for number, offset in enumerate(offsets, start=1):
        while run + 1 < len(firsts) and firsts[run + 1][0] <= number:
            run += 1
        yield offset, firsts[run][1]
