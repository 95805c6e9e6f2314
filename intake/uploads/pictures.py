"""Pictures are drawn anew: what is kept are the points, nothing that was written beside them."""

import contextlib
import io
import struct
import warnings

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from .refused import Refused

LONGEST_SIDE = 4096  # points: an A4 page at 300 dpi has 3508
QUALITY = 88
# Points that fit into the child's memory. A JPEG is decoded at a fraction of its size, so it may be larger.
MOST = {"jpeg": 120_000_000, "png": 24_000_000, "gif": 24_000_000, "webp": 16_000_000, "heif": 26_000_000}
_WHOLE = 21_000_000  # points of a JPEG that is decoded at its full size
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "heif": "HEIF"}

_FAULTS = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError, struct.error)

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # our own limit stands in MOST and is a refusal, not a warning


def clean_picture(content: bytes, form: str) -> tuple[str, bytes]:
    """Media type and bytes: JPEG for photos, PNG for what was drawn (sharp edges, see-through). Raises Refused."""
    warnings.simplefilter("ignore")  # of what is wrong with notes that are thrown away anyway
    try:
        with _opened(content, form) as picture:
            if picture.width * picture.height > MOST[form] or min(picture.size) < 1:
                raise Refused("picture_too_large")
            return _drawn_anew(picture, form)
    except (*_FAULTS, UnidentifiedImageError):
        raise Refused("damaged") from None


def _opened(content: bytes, form: str) -> Image.Image:
    if form == "heif":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = False
        pillow_heif.register_heif_opener()
    return Image.open(io.BytesIO(content), formats=[_FORMATS[form]])


def _drawn_anew(picture: Image.Image, form: str) -> tuple[str, bytes]:
    if form == "jpeg":
        _decode_smaller(picture)
    picture.seek(0)  # the first frame of what moves
    picture.load()
    is_see_through = "A" in picture.mode or "transparency" in picture.info
    mode = "RGBA" if is_see_through else "RGB"
    upright = _upright(picture if picture.mode == mode else picture.convert(mode))
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    upright.info = {}  # Pillow writes comments, profiles and more from here
    out = io.BytesIO()
    if is_see_through or form in ("png", "gif"):
        upright.save(out, "PNG", compress_level=6)
        return "image/png", out.getvalue()
    upright.save(out, "JPEG", quality=QUALITY, optimize=False)
    return "image/jpeg", out.getvalue()


def _decode_smaller(picture: Image.Image) -> None:
    """A JPEG can be decoded at a half, a quarter, an eighth: what is too large for our memory is not lost by it."""
    part = next(part for part in (1, 2, 4, 8) if picture.width * picture.height <= _WHOLE * part**2 or part == 8)
    picture.draft("RGB", (picture.width // part, picture.height // part))


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera was held; where that cannot be read, as it is: a photo is not lost for its notes."""
    with contextlib.suppress(*_FAULTS):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture
