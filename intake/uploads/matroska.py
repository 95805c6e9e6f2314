"""WebM and Matroska: tags, attachments, titles, dates become Void elements of their size (RFC 8794, RFC 9559)."""

from collections.abc import Iterator
from dataclasses import dataclass

from .refused import Refused

MOST_ELEMENTS = 500_000
_UNKNOWN = -1
_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK = 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE
_EBML, _DOC_TYPE, _TRACK_TYPE = 0x1A45DFA3, 0x4282, 0x83
_VOID = 0xEC
_LEVEL_1_KEPT = frozenset({_INFO, _TRACKS, _CLUSTER, 0x1C53BB6B, 0x114D9B74})  # also Cues, SeekHead
_INFO_KEPT = frozenset({0x2AD7B1, 0x4489})  # TimestampScale, Duration
_TRACK_DROPPED = frozenset({0x536E, 0x258688, 0x7446, 0x73A4})  # names, attachment links
_LEVEL_1 = _LEVEL_1_KEPT | {0x1254C367, 0x1941A469, 0x1043A770}  # Tags, Attachments, Chapters
_DOC_TYPES = {b"webm": "webm", b"matroska": "x-matroska"}


@dataclass(frozen=True, slots=True)
class Element:
    id: int
    start: int
    body: int
    end: int
    is_open: bool  # its size was not known when it was written: a live recording


def clean_matroska(content: bytearray) -> tuple[str, str, bytes]:
    """Kind, media type and bytes. Raises Refused."""
    top = list(_elements(content, 0, len(content)))
    if len(top) < 2 or top[0].id != _EBML or top[1].id != _SEGMENT:
        raise Refused("damaged")
    doc_type = _doc_type(content, top[0])
    kinds = set(_clean_segment(content, top[1]))
    if 0x11 in kinds or not kinds & {1, 2}:  # subtitles and anything else but picture and sound
        raise Refused("cannot_clean")
    kind = "video" if 1 in kinds else "audio"
    return kind, f"{kind}/{doc_type}", bytes(content[: top[1].end])


def _doc_type(content: bytearray, header: Element) -> str:
    for element in _elements(content, header.body, header.end):
        if element.id == _DOC_TYPE:
            name = bytes(content[element.body : element.end]).rstrip(b"\0")
            if name in _DOC_TYPES:
                return _DOC_TYPES[name]
    raise Refused("not_accepted")


def _clean_segment(content: bytearray, segment: Element) -> Iterator[int]:
    """Blanks what goes; gives the types of the tracks (RFC 9559 §5.1.4.1.3)."""
    for element in _elements(content, segment.body, segment.end):
        if element.id not in _LEVEL_1_KEPT:
            _blank(content, element)
        elif element.id == _INFO:
            for inner in _elements(content, element.body, element.end):
                if inner.id not in _INFO_KEPT:
                    _blank(content, inner)
        elif element.id == _TRACKS:
            yield from _clean_tracks(content, element)


def _clean_tracks(content: bytearray, tracks: Element) -> Iterator[int]:
    for track in _elements(content, tracks.body, tracks.end):
        if track.id != _TRACK:
            _blank(content, track)
            continue
        for inner in _elements(content, track.body, track.end):
            if inner.id == _TRACK_TYPE:
                yield int.from_bytes(content[inner.body : inner.end], "big")
            elif inner.id in _TRACK_DROPPED:
                _blank(content, inner)


def _elements(content: bytearray, start: int, end: int) -> Iterator[Element]:
    at = start
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return
        number, at_size = _number(content, at, end, keeps_mark=True)
        size, body = _number(content, at_size, end, keeps_mark=False)
        is_open = size == _UNKNOWN
        last = _end_of_open(content, number, body, end) if is_open else body + size
        # A recording that broke off ends in the middle of a cluster; anything else that is too long is a lie.
        if last > end and number not in (_SEGMENT, _CLUSTER):
            raise Refused("damaged")
        yield Element(number, at, body, min(last, end), is_open)
        at = last
    raise Refused("too_complex")


def _end_of_open(content: bytearray, number: int, body: int, end: int) -> int:
    """An open segment lasts to the end of the file, an open cluster to the next element of its own level."""
    if number == _SEGMENT:
        return end
    if number != _CLUSTER:
        raise Refused("damaged")
    at = body
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return end
        inner, at_size = _number(content, at, end, keeps_mark=True)
        if inner in _LEVEL_1:
            return at
        size, inner_body = _number(content, at_size, end, keeps_mark=False)
        if size == _UNKNOWN:
            raise Refused("damaged")
        at = inner_body + size
    raise Refused("too_complex")


def _number(content: bytearray, at: int, end: int, *, keeps_mark: bool) -> tuple[int, int]:
    """A variable-size integer (RFC 8794 §4): its value, and where it ends. All ones means "unknown"."""
    if at >= end or content[at] == 0:
        raise Refused("damaged")
    length = 9 - content[at].bit_length()
    if length > (4 if keeps_mark else 8) or at + length > end:
        raise Refused("damaged")
    value = int.from_bytes(content[at : at + length], "big")
    if keeps_mark:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (_UNKNOWN if value == (1 << 7 * length) - 1 else value), at + length


def _blank(content: bytearray, element: Element) -> None:
    """A Void of exactly the same length: its one-byte id, a size as wide as is left of the head, zeros."""
    if element.is_open:
        raise Refused("cannot_clean")
    total = element.end - element.start
    width = min(8, total - 1)
    size = total - 1 - width
    if width < 8 and size >= (1 << 7 * width) - 1:
        raise Refused("cannot_clean")
    head = bytes([_VOID]) + (size | 1 << 7 * width).to_bytes(width, "big")
    content[element.start : element.end] = head + bytes(size)
