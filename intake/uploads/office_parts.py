"""The XML inside office documents. Document types and entities are refused before anything reads them (XXE, bombs)."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import etree

from .refused import Refused

NOWHERE = "about:blank"
_XML_BEGINS = (b"<?xml", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")
_ENCODING = re.compile(rb"""^[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1251", b"windows-1252"})
# Who wrote a comment or a change, as attributes of WordprocessingML and PresentationML.
_WHO = re.compile(
    rb"""(\b(?:w|w1[0-9]|w16[a-z]*|p15|p188):(?:author|initials|userId|providerId)=)(?:"[^"]*"|'[^']*')"""
)
_AUTHOR = re.compile(rb"<((?:\w+:)?author)>[^<]*</")
_COMMENT_AUTHOR = re.compile(rb"(<p:cmAuthor\b[^>]*?\bname=)\"[^\"]*\"")
_MACRO = re.compile(rb"application/vnd\.ms-(word|excel|powerpoint)\.[a-zA-Z]+\.macroEnabled\.(?:main|12)\+xml", re.I)
_WITHOUT_MACRO = {
    b"word": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    b"excel": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    b"powerpoint": b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_SCRIPT_ELEMENTS = frozenset(
    {"scripts", "event-listeners", "event-listener", "plugin", "applet", "object-ole", "macro"}
)
_NAMED = frozenset({"creator", "initial-creator", "creator-initials", "sender-firstname", "sender-lastname"})
_HREF = "{http://www.w3.org/1999/xlink}href"


def is_xml(lowered: str, content: bytes) -> bool:
    return lowered.endswith((".xml", ".vml", ".rdf")) or content.lstrip()[:8].startswith(_XML_BEGINS)


def refuse_document_type(content: bytes) -> None:
    """No office format has any use for them. UTF-16 is looked through by leaving out its zeros."""
    bare = content.replace(b"\0", b"") if b"\0" in content else content
    lowered = bare.upper()
    if b"<!DOCTYPE" in lowered or b"<!ENTITY" in lowered:
        raise Refused("cannot_clean")
    declared = _ENCODING.match(bare)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise Refused("cannot_clean")  # in which the check above could be blind


def clean_ooxml_part(content: bytes) -> bytes:
    refuse_document_type(content)
    content = _WHO.sub(rb'\1""', content)
    content = _AUTHOR.sub(rb"<\1></", content)
    return _COMMENT_AUTHOR.sub(rb'\1""', content)


def clean_relations(content: bytes, *, owner: str, dropped: set[str]) -> bytes:
    """Nothing outside is pointed at, nothing that is gone. Numbers stay: a document refers to them."""
    root = _parsed(content)
    folder = posixpath.dirname(posixpath.dirname(owner))
    for relation in list(root):
        target = relation.get("Target") or ""
        if (relation.get("TargetMode") or "").lower() == "external" or _is_address(target):
            relation.set("Target", NOWHERE)
            relation.set("TargetMode", "External")
        elif _resolved(folder, target) in dropped or "macro" in (relation.get("Type") or "").lower():
            root.remove(relation)
    return _written(root)


def clean_content_types(content: bytes, *, dropped: set[str]) -> bytes:
    """Macro-enabled documents become ordinary ones."""
    root = _parsed(content)
    for part in list(root):
        if (part.get("PartName") or "").lstrip("/") in dropped:
            root.remove(part)
            continue
        kind = (part.get("ContentType") or "").encode()
        if found := _MACRO.fullmatch(kind):
            part.set("ContentType", _WITHOUT_MACRO[found[1].lower()].decode())
    return _written(root)


def clean_manifest(content: bytes, *, dropped: set[str]) -> bytes:
    root = _parsed(content)
    for entry in list(root):
        names = [value for name, value in entry.attrib.items() if _local(name) == "full-path"]
        if any(_local(inner.tag) == "encryption-data" for inner in entry):
            raise Refused("encrypted")
        if names and (names[0] in dropped or _is_folder_of(names[0], dropped)):
            root.remove(entry)
    return _written(root)


def _is_folder_of(name: str, dropped: set[str]) -> bool:
    return name.endswith("/") and name != "/" and any(one.startswith(name) for one in dropped)


def clean_odf_part(content: bytes) -> bytes:
    root = _parsed(content)
    for element in list(_elements(root)):
        if _local(element.tag) in _SCRIPT_ELEMENTS:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        if _local(element.tag) in _NAMED:
            element.text = ""
        if _is_address(element.get(_HREF) or ""):
            element.set(_HREF, NOWHERE)
    return _written(root)


def _elements(root: Any) -> Iterator[Any]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _parsed(content: bytes) -> Any:
    refuse_document_type(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("damaged") from None


def _written(root: Any) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)  # type: ignore[no-any-return]


def _is_address(target: str) -> bool:
    """Anything with a scheme or a host: http, file, mailto, \\\\server. Places inside the document have neither."""
    plain = target.strip().lower()
    return bool(re.match(r"[a-z][a-z0-9+.-]*:", plain)) or plain.startswith(("//", "\\\\"))


def _resolved(folder: str, target: str) -> str:
    path = unquote(target)
    return path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
