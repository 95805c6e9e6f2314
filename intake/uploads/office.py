"""Office documents: the zip is written anew, without macros, embedded files, outside links and notes on its maker."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from .inner_pictures import without_notes
from .office_parts import (
    clean_content_types,
    clean_manifest,
    clean_odf_part,
    clean_ooxml_part,
    clean_relations,
    is_xml,
    refuse_document_type,
)
from .refused import Refused

MOST_ENTRIES = 3_000
MOST_BYTES = 48 * 1024 * 1024  # of one entry, unpacked
MOST_BYTES_TOGETHER = 200 * 1024 * 1024
MOST_RATIO = 250  # of what unpacks to more than SMALL; office XML reaches about 60
SMALL = 1024 * 1024
_LONGEST_NAME = 240
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PICTURES = (".jpg", ".jpeg", ".png")
_MARKUP = (".svg", ".svgz", ".html", ".htm", ".xhtml", ".mht", ".mhtml")
_EMPTY_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'

# Whole parts that go, by what their path contains; those that something points at by number stay, emptied.
_OOXML_DROPPED = ("docprops/", "vbaproject", "vbadata", "customxml/", "customui", "webextension", "attachedtoolbars")
_OOXML_DROPPED_TOO = ("/people.xml", "_xmlsignatures/", "/persons/", "thumbnail", "[trash]", "/userinfo")
_OOXML_EMPTIED = ("embeddings/", "activex/", "printersettings", "ctrlprops/")
_ODF_DROPPED = (
    "meta.xml",
    "thumbnails/",
    "basic/",
    "scripts/",
    "dialogs/",
    "configurations2/",
    "manifest.rdf",
    "object",
)
_ODF_DROPPED_TOO = ("meta-inf/documentsignatures", "meta-inf/macrosignatures", "settings.xml", "replacements/")

_OOXML_TYPES: Mapping[str, str] = {
    "wordprocessingml.document.main": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "spreadsheetml.sheet.main": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "presentationml.presentation.main": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_ODF = "application/vnd.oasis.opendocument."
_ODF_TYPES = frozenset({f"{_ODF}text", f"{_ODF}spreadsheet", f"{_ODF}presentation"})


@dataclass
class _Copy:
    """The new zip, and what may still be unpacked into it."""

    source: zipfile.ZipFile
    target: zipfile.ZipFile
    left: int = MOST_BYTES_TOGETHER
    dropped: set[str] = field(default_factory=set)

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """Counted while unpacking, whatever the directory says about sizes. Raises Refused."""
        parts = bytearray()
        most = min(MOST_BYTES, self.left)
        with self.source.open(info) as entry:
            while part := entry.read(256 * 1024):
                parts += part
                if len(parts) > most or (len(parts) > SMALL and len(parts) > MOST_RATIO * max(info.compress_size, 1)):
                    raise Refused("too_complex")
        self.left -= len(parts)
        return bytes(parts)

    def write(self, name: str, content: bytes, *, is_packed: bool = True) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        self.target.writestr(info, content)


def clean_office(content: bytes) -> tuple[str, bytes]:
    """Media type and bytes. Raises Refused."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
            copy = _Copy(source, target)
            entries = _entries(source)
            clean = _clean_odf if "mimetype" in entries else _clean_ooxml
            media_type = clean(copy, entries)
    # NotImplementedError is zipfile's way to say that it does not know the compression.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, OSError):
        raise Refused("damaged") from None
    except RuntimeError:  # zipfile's way to say that a password is needed
        raise Refused("encrypted") from None
    return media_type, out.getvalue()


def _entries(source: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """By name. Names that would leave the folder, or stand for two things, are in no honest document."""
    infos = source.infolist()
    if len(infos) > MOST_ENTRIES or sum(info.file_size for info in infos) > MOST_BYTES_TOGETHER:
        raise Refused("too_complex")
    files = [info for info in infos if not info.is_dir()]
    names = {info.filename.lower() for info in files}
    if len(names) != len(files) or not all(_is_plain(info.filename) for info in files):
        raise Refused("damaged")
    return {info.filename: info for info in files}


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return (
        len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not any(sign in name for sign in ("\\", ":", "\0"))
        and not any(part in ("", ".", "..") for part in parts)
    )


def _clean_ooxml(copy: _Copy, entries: dict[str, zipfile.ZipInfo]) -> str:
    if "[Content_Types].xml" not in entries:
        raise Refused("archive")
    copy.dropped = {name for name in entries if _is_among(name, _OOXML_DROPPED + _OOXML_DROPPED_TOO)}
    kept = {name: info for name, info in entries.items() if name not in copy.dropped}
    types = clean_content_types(copy.read(kept.pop("[Content_Types].xml")), dropped=copy.dropped)
    media_type = next((whole for part, whole in _OOXML_TYPES.items() if part.encode() in types), "")
    if not media_type:
        raise Refused("archive")
    copy.write("[Content_Types].xml", types)
    for name, info in kept.items():
        copy.write(name, _ooxml_part(name, copy.read(info), copy.dropped))
    return media_type


def _ooxml_part(name: str, content: bytes, dropped: set[str]) -> bytes:
    lowered = name.lower()
    if lowered.endswith(".rels"):
        return clean_relations(content, owner=name, dropped=dropped)
    if _is_among(name, _OOXML_EMPTIED):
        return b""
    if is_xml(lowered, content) and not lowered.endswith(_MARKUP):
        return clean_ooxml_part(content)
    return _media(lowered, content)


def _media(lowered: str, content: bytes) -> bytes:
    if lowered.endswith(_PICTURES):
        return without_notes(content)
    if lowered.endswith(_MARKUP):
        return _EMPTY_SVG
    if lowered.endswith((".bin", ".exe", ".dll", ".js", ".vbs", ".ole", ".swf", ".jar")):
        return b""
    refuse_document_type(content[:4096])
    return content


def _clean_odf(copy: _Copy, entries: dict[str, zipfile.ZipInfo]) -> str:
    media_type = copy.read(entries.pop("mimetype")).decode("ascii", "replace").strip()
    if media_type not in _ODF_TYPES or "content.xml" not in entries:
        raise Refused("archive")
    copy.dropped = {name for name in entries if _is_odf_dropped(name)}
    copy.write("mimetype", media_type.encode(), is_packed=False)  # ODF 1.3 part 2 §3.3: first and stored
    for name, info in entries.items():
        if name not in copy.dropped:
            copy.write(name, _odf_part(name, copy.read(info), copy.dropped))
    return media_type


def _is_odf_dropped(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith(_ODF_DROPPED + _ODF_DROPPED_TOO) or "/replacements" in lowered


def _odf_part(name: str, content: bytes, dropped: set[str]) -> bytes:
    lowered = name.lower()
    if lowered == "meta-inf/manifest.xml":
        return clean_manifest(content, dropped=dropped)
    if is_xml(lowered, content) and not lowered.endswith(_MARKUP):
        return clean_odf_part(content)
    return _media(lowered, content)


def _is_among(name: str, parts: tuple[str, ...]) -> bool:
    lowered = f"/{name.lower()}"
    return any(part in lowered for part in parts)
