"""S5: hostile and talkative files. None is served as it came, none tells about its maker, none takes us down."""

import io
import struct
import zlib

import pytest
from mutagen.id3 import ID3, ID3NoHeaderError
from PIL import Image

from intake.uploads.cleaning import Crashed, clean_in_child
from intake.uploads.refused import Refused
from intake.uploads.types import Found, found_in
from tests.extent import EVERY_PAGE

from . import samples
from .cleaned import clean, everything_in_pdf, most_memory, unpacked
from .samples import CANARY, PLACE

MB = 1024 * 1024
MOST = 300 * MB


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        clean(content)
    return refusal.value.reason


# --- pictures ---------------------------------------------------------------------------------------------------------

PICTURES = {
    "jpeg": (samples.photo, "image/jpeg"),
    "png": (lambda: samples.photo("PNG"), "image/png"),
    "webp": (lambda: samples.photo("WEBP"), "image/jpeg"),
    "gif": (samples.gif, "image/png"),
    "heic": (samples.heic, "image/jpeg"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_anew_without_place_and_maker(name: str) -> None:
    make, expected = PICTURES[name]
    content = make()
    kind, media_type, out = clean(content)
    assert (kind, media_type) == ("photo", expected)
    assert CANARY.encode() not in out and out != content
    with Image.open(io.BytesIO(out)) as picture:
        picture.load()
        assert not picture.getexif() and not picture.info.get("icc_profile") and not picture.info.get("comment")
        assert b"Exif" not in out


def test_the_sample_photo_does_tell() -> None:
    with Image.open(io.BytesIO(samples.photo())) as picture:
        assert picture.getexif().get_ifd(0x8825)[29] == CANARY
    assert CANARY.encode() in samples.heic()


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    _kind, _type, out = clean(samples.photo(size=(60, 40), orientation=6))
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.size == (40, 60)


def test_a_large_photo_is_made_smaller_and_stays_readable() -> None:
    _kind, _type, out = clean(samples.photo(size=(6000, 1500)))
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.size == (4096, 1024)


def test_what_is_also_a_script_is_only_a_picture_afterwards() -> None:
    content = samples.gif_that_is_script()
    assert content.startswith(b"GIF89a/*") and b"alert" in content
    _kind, media_type, out = clean(content)
    assert media_type == "image/png" and b"alert" not in out


def test_script_behind_a_photo_is_gone() -> None:
    _kind, _type, out = clean(samples.photo() + b"<script>alert(1)</script><?php evil(); ?>PK\3\4")
    assert b"<script>" not in out and b"<?php" not in out


@pytest.mark.parametrize("side", [7_000, 30_000])
def test_a_picture_with_too_many_points_is_refused(side: int) -> None:
    assert refused(samples.png_bomb(side)) == "picture_too_large"


@pytest.mark.parametrize("cut", [30, 200, 700])
def test_a_broken_picture_is_refused(cut: int) -> None:
    assert refused(samples.photo()[:-cut]) == "damaged"


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_pdf_keeps_its_pages_and_nothing_that_acts_hides_or_tells() -> None:
    content = samples.pdf()
    assert CANARY.encode() in everything_in_pdf(content)
    kind, media_type, out = clean(content)
    assert (kind, media_type) == ("pdf", "application/pdf")
    inside = everything_in_pdf(out)
    for word in (CANARY.encode(), b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/XFA", b"/Metadata"):
        assert word not in inside, word
    for word in (b"/Info", b"/OpenAction", b"/AA", b"Exif", b"cmd.exe", b"evil()"):
        assert word not in inside, word
    assert b"kept" in inside and b"/Im0 Do" in inside


def test_a_pdf_with_a_password_is_refused_with_that_reason() -> None:
    assert refused(samples.pdf(password="x")) == "encrypted"


def test_a_pdf_that_unpacks_without_end_is_refused() -> None:
    assert refused(samples.pdf_bomb()) == "too_complex"


def test_what_only_begins_like_a_pdf_is_refused() -> None:
    assert refused(b"%PDF-1.7\n<script>alert(1)</script>") == "damaged"


def test_a_word_document_keeps_its_words_only() -> None:
    kind, media_type, out = clean(samples.docx())
    assert (kind, media_type.rpartition(".")[2]) == ("office", "document")
    parts = unpacked(out)
    assert b"the words themselves" in parts["word/document.xml"]
    assert not any(CANARY.encode() in part for part in parts.values())
    assert not {"word/vbaProject.bin", "docProps/core.xml"} & set(parts)
    assert parts["word/embeddings/oleObject1.bin"] == b""
    assert b"macroEnabled" not in parts["[Content_Types].xml"] and b"vbaProject" not in parts["[Content_Types].xml"]
    relations = parts["word/_rels/document.xml.rels"]
    assert b"evil.example.org" not in relations and b'Id="rId1"' in relations and b"vbaProject" not in relations


def test_an_open_document_keeps_its_words_only() -> None:
    kind, media_type, out = clean(samples.odt())
    assert (kind, media_type) == ("office", "application/vnd.oasis.opendocument.text")
    parts = unpacked(out)
    assert b"the words themselves" in parts["content.xml"]
    assert not any(CANARY.encode() in part for part in parts.values())
    assert set(parts) == {"mimetype", "content.xml", "META-INF/manifest.xml"}


XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
HOSTILE_PARTS = {
    "entity in a part": ({"word/document.xml": XXE}, "cannot_clean"),
    "entity in utf-16": ({"word/document.xml": ("\ufeff" + XXE).encode("utf-16-le")}, "cannot_clean"),
    "entity in an odd encoding": (
        {"word/document.xml": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE'},
        "cannot_clean",
    ),
    "entity in the relations": ({"word/_rels/document.xml.rels": XXE}, "cannot_clean"),
    "entity in the types": ({"[Content_Types].xml": XXE}, "cannot_clean"),
    "entity in something else": ({"word/media/x.emf": XXE}, "cannot_clean"),
    "out of the folder": ({"word/../../../etc/cron.d/x": "x"}, "damaged"),
    "from the root": ({"/etc/passwd": "x"}, "damaged"),
    "a drive": ({"C:/x": "x"}, "damaged"),
    "backslashes": ({"word\\..\\x": "x"}, "damaged"),
    "not xml": ({"[Content_Types].xml": "<"}, "damaged"),
    "not an office document": ({"[Content_Types].xml": "<Types/>"}, "archive"),
}


@pytest.mark.parametrize("name", HOSTILE_PARTS)
def test_a_hostile_document_is_refused(name: str) -> None:
    parts, reason = HOSTILE_PARTS[name]
    assert refused(samples.docx(parts)) == reason


def test_what_a_document_carries_beside_pictures_is_emptied() -> None:
    _kind, _type, out = clean(samples.docx({"word/media/a.svg": samples.svg_with_script(), "word/x.exe": b"MZ"}))
    parts = unpacked(out)
    assert b"script" not in parts["word/media/a.svg"] and parts["word/x.exe"] == b""


def test_a_zip_bomb_is_refused() -> None:
    bomb = samples.zip_bomb()
    assert len(bomb) < MB
    assert refused(bomb) == "too_complex"


def test_a_part_that_unpacks_to_far_too_much_is_refused_also_where_it_would_fit() -> None:
    assert refused(samples.zip_bomb(20)) == "too_complex"


def test_a_zip_that_lies_about_its_sizes_is_counted_while_it_unpacks() -> None:
    bomb = bytearray(samples.zip_bomb())
    at = bomb.rfind(b"PK\1\2")  # the directory's entry of the large part
    bomb[at + 24 : at + 28] = struct.pack("<I", 1000)
    assert refused(bytes(bomb)) in ("too_complex", "damaged")


# --- sound and film ---------------------------------------------------------------------------------------------------

SOUNDS = {
    "wav": (samples.wav, "audio", "audio/wav"),
    "mp3": (samples.mp3, "audio", "audio/mpeg"),
    "amr": (samples.amr, "audio", "audio/amr"),
    "ogg": (samples.ogg, "audio", "audio/ogg"),
    "m4a": (lambda: samples.mp4(b"M4A ", b"soun"), "audio", "audio/mp4"),
    "mp4": (samples.mp4, "video", "video/mp4"),
    "mov": (lambda: samples.mp4(b"qt  "), "video", "video/quicktime"),
    "3gp": (lambda: samples.mp4(b"3gp4"), "video", "video/3gpp"),
    "webm": (lambda: samples.webm(kind=1), "video", "video/webm"),
    "webm as a browser records it": (lambda: samples.webm(is_live=True), "audio", "audio/webm"),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_and_film_lose_place_date_and_maker(name: str) -> None:
    make, expected, media_type = SOUNDS[name]
    content = make()
    assert CANARY.encode() in content
    kind, found_type, out = clean(content)
    assert (kind, found_type) == (expected, media_type)
    for word in (CANARY.encode(), PLACE.encode(), bytes.fromhex("C0FFEE01"), b"location", b"<script>"):
        assert word not in out, word


@pytest.mark.parametrize("name", ["m4a", "mp4", "mov", "3gp", "webm", "webm as a browser records it"])
def test_blanking_keeps_every_offset(name: str) -> None:
    content = SOUNDS[name][0]()
    _kind, _type, out = clean(content)
    sound = b"SOUND" * 9 if "webm" in name else b"PICTURE-AND-SOUND" * 4
    assert len(out) == len(content) and out.index(sound) == content.index(sound)


def test_the_frames_of_an_mp3_stay_as_they_are() -> None:
    _kind, _type, out = clean(samples.mp3())
    assert out == (b"\xff\xfb\x90\x64" + bytes(413)) * 4
    with pytest.raises(ID3NoHeaderError):
        ID3(io.BytesIO(out))


def test_what_hangs_behind_a_film_is_left_out() -> None:
    content = samples.mp4(behind=samples.box(b"free", b"<script>") + b"\0\0\0")
    _kind, _type, out = clean(content)
    assert b"<script>" not in out


BROKEN_FILMS = {
    "no movie": samples.mp4()[:90],
    "lies about a size": samples.mp4().replace(b"\0\0\0\x7cmvhd"[-4:], b"mvhd")[:-30],
    "boxes in boxes": samples.box(b"ftyp", b"isom" + bytes(4)) + samples.box(b"moov", samples.box(b"moov") * 9),
    "no picture and no sound": samples.mp4(handler=b"text"),
    "places in fragments": samples.mp4() + samples.box(b"moof"),
    "a webm that is none": samples.webm()[:20],
    "a webm with subtitles": samples.webm(kind=0x11),
}


@pytest.mark.parametrize("name", BROKEN_FILMS)
def test_a_film_that_cannot_be_made_clean_is_refused(name: str) -> None:
    assert refused(BROKEN_FILMS[name]) in ("damaged", "cannot_clean", "too_complex")


def test_a_track_that_points_elsewhere_blanks_nothing_of_ours() -> None:
    content = bytearray(samples.mp4())
    at = content.index(b"stco", content.index(b"meta")) + 12
    content[at : at + 4] = struct.pack(">I", 4)
    assert refused(bytes(content)) == "cannot_clean"


# --- whatever comes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PICTURES, *SOUNDS])
def test_flipped_bytes_never_break_out(name: str) -> None:
    """The pure walkers and the libraries: an answer or a refusal, never another fault."""
    from intake.uploads.child import cleaned

    content = (PICTURES.get(name) or SOUNDS[name])[0]()
    for number in range(60):
        broken = bytearray(content)
        broken[(number * 37) % len(broken)] ^= 0xFF
        broken[zlib.crc32(bytes([number])) % len(broken)] ^= 0x55
        try:
            found = found_in(bytes(broken))
            cleaned(broken, found.kind, found.form)
        except Refused:
            pass


HOSTILE_MEMORY = {
    "png of 24 million points": (lambda: samples.png_bomb(4_890), "photo", "png"),
    "see-through png": (lambda: _see_through(), "photo", "png"),
    "png bomb": (samples.png_bomb, "photo", "png"),
    "photo of 100 million points": (lambda: _large_photo(), "photo", "jpeg"),
    "progressive photo": (lambda: _large_photo(progressive=True), "photo", "jpeg"),
    "heic of 25 million points": (lambda: samples.heic((5760, 4320)), "photo", "heif"),
    "pdf bomb": (samples.pdf_bomb, "pdf", "pdf"),
    "zip bomb": (samples.zip_bomb, "office", "ooxml"),
    "film of 30 MB": (lambda: samples.mp4() + samples.box(b"free", bytes(30 * MB)), "video", "mp4"),
    "nonsense of 30 MB": (lambda: b"\xff\xd8\xff" + bytes(30 * MB), "photo", "jpeg"),
}


SHORT = ("see-through png", "png bomb", "pdf bomb", "zip bomb", "nonsense of 30 MB")  # a second or less each


def _see_through() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (4_890, 4_890), (1, 2, 3, 4)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _large_photo(**options: bool) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12_500, 8_000), "white").save(out, "JPEG", quality=30, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", HOSTILE_MEMORY if EVERY_PAGE else SHORT)
def test_no_file_makes_the_child_take_more_than_300_mb(name: str) -> None:
    make, kind, form = HOSTILE_MEMORY[name]
    used, line = most_memory(make(), kind, form)
    print(name, used // MB, "MB", line)
    assert used < MOST
    assert line, "an answer, not a crash"


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Crashed), clean_in_child(_forever(), Found("photo", "jpeg"), seconds=1):
        pass


def _forever():  # type: ignore[no-untyped-def]
    import time

    for _ in range(20):
        yield b"\xff\xd8\xff"
        time.sleep(0.1)


def test_a_fault_while_reading_is_not_taken_for_a_bad_file() -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield b"\xff\xd8"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"), clean_in_child(broken(), Found("photo", "jpeg")):
        pass
