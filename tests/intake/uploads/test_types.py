"""What a file is, by its content; names are not even asked for."""

import io
import tarfile

import pytest

from intake.uploads.refused import REASONS, Refused
from intake.uploads.types import HEAD, found_in

from . import samples


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return out.getvalue()


TAKEN = {
    "jpeg": (samples.photo, "photo"),
    "png": (lambda: samples.photo("PNG"), "photo"),
    "webp": (lambda: samples.photo("WEBP"), "photo"),
    "gif": (samples.gif, "photo"),
    "heic": (samples.heic, "photo"),
    "pdf": (samples.pdf, "pdf"),
    "docx": (samples.docx, "office"),
    "odt": (samples.odt, "office"),
    "mp3": (samples.mp3, "audio"),
    "mp3 without a tag": (lambda: b"\xff\xfb\x90\x64" + bytes(413), "audio"),
    "aac": (lambda: b"\xff\xf1\x50\x80\x02\x1f\xfc", "audio"),
    "m4a": (lambda: samples.mp4(b"M4A ", b"soun"), "audio"),
    "ogg": (samples.ogg, "audio"),
    "wav": (samples.wav, "audio"),
    "amr": (samples.amr, "audio"),
    "mp4": (samples.mp4, "video"),
    "mov": (lambda: samples.mp4(b"qt  "), "video"),
    "old mov": (lambda: samples.mp4()[24:], "video"),
    "3gp": (lambda: samples.mp4(b"3gp4"), "video"),
    "webm": (samples.webm, "video"),
}
REFUSED = {
    "nothing": (b"", "empty"),
    "zip": (samples.zipped({"evil.exe": b"MZ"}), "archive"),
    "apk": (samples.zipped({"AndroidManifest.xml": b""}), "archive"),
    "epub": (samples.zipped({"mimetype": b"application/epub+zip"}, ("mimetype",)), "archive"),
    "rar": (b"Rar!\x1a\x07\x01\0", "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "archive"),
    "gz": (b"\x1f\x8b\x08\0", "archive"),
    "tar": (_tar(), "archive"),
    "exe": (b"MZ\x90\0\3\0\0\0", "program"),
    "elf": (b"\x7fELF\2\1\1", "program"),
    "shell": (b"#!/bin/sh\nrm -rf /", "program"),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", "web_page"),
    "html behind blanks": (b"\xef\xbb\xbf \r\n <html>", "web_page"),
    "html in utf-16": ("\ufeff<html>".encode("utf-16-le"), "web_page"),
    "svg": (samples.svg_with_script(), "web_page"),
    "old doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_office"),
    "docx with a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "rtf": (b"{\\rtf1 hello}", "old_office"),
    "text": (b"just words", "not_accepted"),
    "avif": (samples.box(b"ftyp", b"avif", bytes(4), b"mif1"), "not_accepted"),
    "noise": (bytes(range(7, 250)) * 4, "not_accepted"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_phones_make_is_known_by_its_first_bytes(name: str) -> None:
    make, kind = TAKEN[name]
    assert found_in(make()[:HEAD]).kind == kind


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_with_the_reason_that_fits(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        found_in(content[:HEAD])
    assert refusal.value.reason == reason
    assert reason in REASONS


def test_short_beginnings_of_everything_break_nothing() -> None:
    for make, _kind in TAKEN.values():
        content = make()
        for length in range(1, 40):
            try:
                found_in(content[:length])
            except Refused as refusal:
                assert refusal.reason in REASONS
