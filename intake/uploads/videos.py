"""Films and what shares their boxes: blanked in place, with the media type of what is left."""

from .boxes import clean_boxes
from .matroska import clean_matroska

_3GP = (b"3gp", b"3g2")


def clean_video(content: bytearray, form: str) -> tuple[str, str, bytes]:
    """Kind, media type and bytes; a film without a picture is a sound. Raises Refused."""
    if form == "matroska":
        return clean_matroska(content)
    brand = bytes(content[8:12]) if content[4:8] == b"ftyp" else b"qt  "
    kind, clean = clean_boxes(content)
    if brand.startswith(_3GP):
        return kind, f"{kind}/3gpp", clean
    if brand == b"qt  " and kind == "video":
        return kind, "video/quicktime", clean
    return kind, f"{kind}/mp4", clean
