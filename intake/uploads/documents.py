"""PDF: rewritten without anything that acts, hides or tells about its maker."""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from .inner_pictures import without_notes
from .refused import Refused

MOST_OBJECTS = 200_000
MOST_PAGES = 3_000
DEEPEST = 64
MOST_BYTES = 128 * 1024 * 1024  # of one stream, unpacked
MOST_BYTES_TOGETHER = 512 * 1024 * 1024
_DROPPED = frozenset(
    {"/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/XFA", "/Metadata", "/PieceInfo", "/LastModified"}
    | {"/Perms", "/DSS", "/Collection", "/RichMediaContent", "/RichMediaSettings", "/Sound", "/Movie", "/WebMedia"}
    | {"/Renditions", "/SpiderInfo", "/Legal", "/URI", "/OPI", "/Alternates", "/DocMDP", "/UR3"}
)
_NO_ANNOTATION = frozenset(
    {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/TrapNet", "/Projection"}
)
_WHO = frozenset({"/T", "/M", "/CreationDate", "/NM"})  # of an annotation: who wrote it and when


def clean_pdf(content: bytes) -> tuple[str, bytes]:
    """Media type and bytes. Raises Refused."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            return "application/pdf", _cleaned(document)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError):
        raise Refused("damaged") from None


def _cleaned(document: Pdf) -> bytes:
    if len(document.objects) > MOST_OBJECTS or len(document.pages) > MOST_PAGES:
        raise Refused("too_complex")
    if not len(document.pages):
        raise Refused("damaged")
    left = MOST_BYTES_TOGETHER
    for thing in list(document.objects):
        _strip(thing)
        if isinstance(thing, Stream):
            left = _checked(thing, left)
            _strip_picture(thing)
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    root = document.Root
    if isinstance(root.get("/OpenAction"), Dictionary):
        del root["/OpenAction"]
    out = io.BytesIO()
    document.save(out, encryption=False, compress_streams=True, recompress_flate=False, preserve_pdfa=False)
    return out.getvalue()


def _strip(thing: Object) -> None:
    """One indirect object with everything that lies directly in it."""
    waiting: list[tuple[Any, int]] = [(thing, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST:
            raise Refused("too_complex")
        if isinstance(part, Dictionary | Stream):
            _strip_dictionary(part)
            waiting += [(value, depth + 1) for value in _direct(part.values())]
        elif isinstance(part, Array):
            waiting += [(value, depth + 1) for value in _direct(part)]


def _direct(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield value


def _strip_dictionary(part: Any) -> None:
    keys = set(part.keys())
    for key in keys & _DROPPED:
        del part[key]
    if part.get("/S") is not None and _is_action(part):
        _disarm(part)
    if "/Subtype" in keys and "/Rect" in keys:
        _strip_annotation(part)
    if part.get("/FT") == Name.Sig and "/V" in keys:
        del part["/V"]


_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie"}
    | {
        "/Sound",
        "/Hide",
        "/Named",
        "/RichMediaExecute",
        "/GoTo3DView",
        "/ResetForm",
        "/Thread",
        "/Trans",
        "/SetOCGState",
    }
    | {"/GoToDp"}
)


def _is_action(part: Any) -> bool:
    kind = part.get("/S")
    return isinstance(kind, Name) and str(kind) in _ACTIONS


def _disarm(part: Any) -> None:
    """An action becomes an empty dictionary: whoever points at it finds nothing to do."""
    for key in list(part.keys()):
        del part[key]


def _strip_annotation(part: Any) -> None:
    for key in _WHO & set(part.keys()):
        if key != "/T" or "/FT" not in part:  # of a form's field it is the name
            del part[key]
    if str(part.get("/Subtype")) in _NO_ANNOTATION:
        part["/Subtype"] = Name.Square
        for key in ("/FS", "/A", "/Contents", "/3DD"):
            if key in part:
                del part[key]


def _checked(stream: Stream, left: int) -> int:
    """What is left of the bytes that all streams may unpack to. Counted piece by piece, never held."""
    if not _is_flate(stream):
        return left
    reader = zlib.decompressobj()
    packed = stream.read_raw_bytes()
    size = 0
    try:
        while packed and not reader.eof:
            size += len(reader.decompress(packed, 1024 * 1024))
            packed = reader.unconsumed_tail
            if size > MOST_BYTES or size > left:
                raise Refused("too_complex")
    except zlib.error:
        return left - size  # readers of the page see the same fault and no more than this
    return left - size


def _is_flate(stream: Stream) -> bool:
    filters = stream.get("/Filter")
    return filters is not None and ("/FlateDecode" in str(filters) or "/Fl" in str(filters))


def _strip_picture(stream: Stream) -> None:
    if stream.get("/Subtype") != Name.Image or stream.get("/Filter") != Name.DCTDecode:
        return
    content = stream.read_raw_bytes()
    bare = without_notes(content)
    if len(bare) != len(content):
        stream.write(bare, filter=Name.DCTDecode)
