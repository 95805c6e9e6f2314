"""Small pictures, papers and a sound for the demo's people: drawn here, plainly invented, real enough to be cleaned."""

import io
import math
import struct
import wave
from collections.abc import Callable, Mapping

import pikepdf
from PIL import Image, ImageDraw

_PAPER, _INK, _LINE, _GREEN, _GREY = "#fbf8f0", "#23303b", "#c9d6de", "#d9f2d0", "#eceff1"
_GPS, _LATITUDE, _LATITUDE_REF = 0x8825, 2, 1
_HERTZ, _SECONDS = 8000, 3


def notebook() -> bytes:
    """Hours and days in a notebook, photographed: JPEG, with the place where it was taken, which cleaning removes."""
    picture = Image.new("RGB", (900, 1200), _PAPER)
    draw = ImageDraw.Draw(picture)
    for y in range(120, 1160, 60):
        draw.line([(40, y), (860, y)], fill=_LINE, width=2)
    draw.line([(150, 40), (150, 1170)], fill="#e3b4b4", width=3)
    for row, (day, hours) in enumerate([("1", "12"), ("2", "12"), ("3", "14"), ("4", "12"), ("5", "11"), ("6", "14")]):
        draw.text((80, 128 + 60 * row), day, fill=_INK, font_size=40)
        draw.text((200, 128 + 60 * row), f"{hours} h", fill=_INK, font_size=40)
    draw.text((200, 548), "= 75 h   DEMO", fill=_INK, font_size=44)
    exif = Image.Exif()
    exif.get_ifd(_GPS).update({_LATITUDE_REF: "N", _LATITUDE: (40.0, 24.0, 33.0)})
    return _saved(picture, "JPEG", exif=exif, quality=80)


def screenshot() -> bytes:
    """A conversation in a messenger, with lines instead of words: PNG."""
    picture = Image.new("RGB", (720, 1280), _GREY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 0, 720, 110], fill="#37474f")
    draw.text((40, 32), "DEMO", fill="white", font_size=44)
    for number, width in enumerate([420, 300, 500, 260, 460, 380]):
        left = 40 if number % 2 else 680 - width
        box = [left, 160 + 170 * number, left + width, 290 + 170 * number]
        draw.rounded_rectangle(box, radius=24, fill="white" if number % 2 else _GREEN)
        for line in range(2):
            y = box[1] + 40 + 44 * line
            draw.line([(box[0] + 30, y), (box[2] - 30 - 90 * line, y)], fill="#90a4ae", width=12)
    return _saved(picture, "PNG")


def letter() -> bytes:
    """An official-looking letter that says of itself that it is none: PDF, with an author, which cleaning removes."""
    lines = [
        "DEMO - invented letter",
        "",
        "No. 000/DEMO",
        "",
        "Notice of a decision",
        "",
        "This paper was made by a program.",
    ]
    shown = "".join(f"({line}) Tj 0 -28 Td " for line in lines)
    with pikepdf.new() as paper:
        page = paper.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = paper.make_stream(f"BT /F1 18 Tf 72 740 Td {shown} ET".encode())
        paper.docinfo["/Author"] = "DEMO"
        out = io.BytesIO()
        paper.save(out)
    return out.getvalue()


def voice() -> bytes:
    """Three seconds of a rising and falling tone instead of a voice: WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_HERTZ)
        turns = (t / _HERTZ for t in range(_HERTZ * _SECONDS))
        sound.writeframes(b"".join(struct.pack("<h", _wave(turn)) for turn in turns))
    return out.getvalue()


def _wave(second: float) -> int:
    return int(6000 * math.sin(2 * math.pi * (180 + 40 * math.sin(second * 3)) * second))


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


PAPERS: Mapping[str, Callable[[], bytes]] = {
    "notebook": notebook,
    "screenshot": screenshot,
    "letter": letter,
    "voice": voice,
}
