"""Pictures inside documents: what was written beside the points is cut out, the points stay as they are."""

_JPEG_KEPT = frozenset({0xE0, 0xEE})  # JFIF and Adobe: without them colours come out wrong
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD"})
_PNG = b"\x89PNG\r\n\x1a\n"


def without_notes(content: bytes) -> bytes:
    """EXIF, XMP, profiles and comments gone from a JPEG or PNG; other content as it is."""
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    if content.startswith(_PNG):
        return _png(content)
    return content


def _jpeg(content: bytes) -> bytes:
    """Drops APPn and COM segments up to the scan (ITU-T T.81 B.1.1.4). What does not parse is left out."""
    out = bytearray(b"\xff\xd8")
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xDA:
            return bytes(out) + _scans(content, at)
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        if not _is_note(marker):
            out += content[at : at + 2 + size]
        at += 2 + size
    return bytes(out)


def _is_note(marker: int) -> bool:
    return (0xE0 <= marker <= 0xEF and marker not in _JPEG_KEPT) or marker == 0xFE


def _scans(content: bytes, at: int) -> bytes:
    """Up to the end of the picture: phones hang films, depth maps and second pictures with their own EXIF behind it."""
    end = content.find(b"\xff\xd9", at)
    return content[at:] if end < 0 else content[at : end + 2]


def _png(content: bytes) -> bytes:
    out = bytearray(_PNG)
    at = len(_PNG)
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        if name in _PNG_KEPT:
            out += content[at : at + 12 + size]
        if name == b"IEND":
            break
        at += 12 + size
    return bytes(out)
