"""What a file is, by its first bytes. Its name and what the browser says count for nothing.

A first look, so that a person hears at once what cannot be taken; the cleaning decides on the whole file.
"""

from dataclasses import dataclass

import puremagic

from .refused import Refused

HEAD = 64 * 1024  # bytes that are enough to look at


@dataclass(frozen=True, slots=True)
class Found:
    """`kind` as in intake.vocabulary.FileKind; `form` names who cleans it."""

    kind: str
    form: str


_BY_BEGINNING = (
    (b"\xff\xd8\xff", Found("photo", "jpeg")),
    (b"\x89PNG\r\n\x1a\n", Found("photo", "png")),
    (b"GIF87a", Found("photo", "gif")),
    (b"GIF89a", Found("photo", "gif")),
    (b"%PDF-", Found("pdf", "pdf")),
    (b"OggS", Found("audio", "ogg")),
    (b"#!AMR\n", Found("audio", "amr")),
    (b"#!AMR-WB\n", Found("audio", "amr")),
    (b"ID3", Found("audio", "mpeg")),
    (b"\x1a\x45\xdf\xa3", Found("video", "matroska")),
)
_RIFF = {b"WEBP": Found("photo", "webp"), b"WAVE": Found("audio", "wav")}
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B "})
_NOT_VIDEO = frozenset({b"avif", b"avis", b"crx ", b"jp2 ", b"jpx "})
_WITHOUT_BRAND = frozenset({b"moov", b"mdat", b"wide"})  # QuickTime before it had `ftyp`
_OOXML = ("[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "customXml/")
_ODF = b"application/vnd.oasis.opendocument."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"dex\n", b"#!")
_ARCHIVES = (b"PK", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"MSCF")
_ARCHIVE_NAMES = frozenset(
    {".zip", ".rar", ".7z", ".tar", ".gz", ".bz2", ".xz", ".zst", ".cab", ".iso", ".dmg", ".arj"}
)
_PROGRAM_NAMES = frozenset({".exe", ".dll", ".msi", ".elf", ".apk", ".jar", ".class", ".dex", ".com", ".lnk", ".scr"})


def found_in(head: bytes) -> Found:
    """Raises Refused with the reason that fits."""
    if not head:
        raise Refused("empty")
    for beginning, found in _BY_BEGINNING:
        if head.startswith(beginning):
            return found
    found_by_rule = _riff(head) or _boxes(head) or _frames(head) or _office(head)
    if found_by_rule is not None:
        return found_by_rule
    raise Refused(_why_not(head))


def _riff(head: bytes) -> Found | None:
    return _RIFF.get(head[8:12]) if head.startswith(b"RIFF") else None


def _boxes(head: bytes) -> Found | None:
    """ISO base media (MP4, MOV, 3GP, M4A, HEIC): the brands of the first box tell (ISO/IEC 14496-12 §4.3)."""
    if head[4:8] in _WITHOUT_BRAND:
        return Found("video", "mp4")
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), 256)
    brand, others = head[8:12], {head[at : at + 4] for at in range(16, size, 4)}
    if brand in _NOT_VIDEO or (brand in _HEIF and others & _NOT_VIDEO):
        return None
    if brand in _HEIF:
        return Found("photo", "heif")
    return Found("audio" if brand in _SOUND_BRANDS else "video", "mp4")


def _frames(head: bytes) -> Found | None:
    """MPEG sound without a tag: a frame header (ISO/IEC 11172-3 §2.4.1.3), or an ADTS header (13818-7 §6.2)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer, bitrate, rate = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    is_mp3 = layer == 1 and bitrate not in (0, 15) and rate != 3
    is_adts = head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13
    return Found("audio", "mpeg") if is_mp3 or is_adts else None


def _office(head: bytes) -> Found | None:
    """A zip whose first entry is one that office documents begin with; the cleaning looks at all of it."""
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return None
    length, extra = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
    name = head[30 : 30 + length].decode("utf-8", "replace")
    content = head[30 + length + extra :]
    if name.startswith(_OOXML):
        return Found("office", "ooxml")
    return Found("office", "odf") if name == "mimetype" and content.startswith(_ODF) else None


def _why_not(head: bytes) -> str:
    if head.startswith(_OLE):
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in head else "old_office"
    if head.startswith(b"{\\rtf"):
        return "old_office"
    if head.startswith(_PROGRAMS):
        return "program"
    if head.startswith(_ARCHIVES):
        return "archive"
    if _looks_like_markup(head):
        return "web_page"
    return _by_signature(head)


def _looks_like_markup(head: bytes) -> bool:
    """HTML, SVG and any other XML, also in UTF-16 and behind a byte order mark."""
    begins = head[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return begins.startswith(b"<")


def _by_signature(head: bytes) -> str:
    """The long tail of formats, only to say the right thing about what is refused anyway."""
    try:
        name = puremagic.from_string(head[:8192])
    except (puremagic.PureError, ValueError):
        return "not_accepted"
    if name in _ARCHIVE_NAMES:
        return "archive"
    return "program" if name in _PROGRAM_NAMES else "not_accepted"
