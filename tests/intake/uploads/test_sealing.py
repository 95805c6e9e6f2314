"""A sealed stream opens whole and unchanged, or not at all."""

import io
from itertools import pairwise

import pytest

from intake.uploads.sealing import SALT, SEGMENT, TAG, Damaged, Sealer, opened, sealed

KEY = bytes(range(32))
STEP = SEGMENT + TAG


def seal(plain: bytes, label: str = "a") -> bytes:
    return b"".join(sealed([plain], KEY, label))


def unseal(content: bytes, label: str = "a", key: bytes = KEY) -> bytes:
    return b"".join(opened(io.BytesIO(content), key, label))


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 7])
def test_what_was_sealed_opens_again(size: int) -> None:
    plain = bytes(index % 251 for index in range(size))
    content = seal(plain)
    assert unseal(content) == plain
    assert plain[:64] not in content or size < 8


def test_it_does_not_matter_how_the_bytes_come() -> None:
    sealer = Sealer(KEY, "a")
    plain = bytes(range(256)) * 900
    cuts = [0, 1, 5, SEGMENT, SEGMENT + 1, 2 * SEGMENT, len(plain)]
    content = b"".join(sealer.feed(plain[start:end]) for start, end in pairwise(cuts)) + sealer.finish()
    assert unseal(content) == plain


def _broken() -> dict[str, bytes]:
    whole, twin = seal(bytes(3 * SEGMENT)), seal(bytes(3 * SEGMENT))
    first, second, third = (whole[SALT + STEP * n : SALT + STEP * (n + 1)] for n in range(3))
    salt = whole[:SALT]
    return {
        "empty": b"",
        "cut in the salt": whole[:5],
        "cut at a segment": salt + first + second,
        "cut inside a segment": whole[:-9],
        "last one missing its mark": salt + first,
        "exchanged": salt + second + first + third,
        "repeated": salt + first + first + second + third,
        "lengthened": whole + first,
        "lengthened by a byte": whole + b"\0",
        "changed": salt + bytes([first[0] ^ 1]) + whole[SALT + 1 :],
        "segment of a twin": salt + twin[SALT : SALT + STEP] + second + third,
        "salt of a twin": twin[:SALT] + first + second + third,
        "two after each other": whole + twin,
    }


@pytest.mark.parametrize("how", _broken())
def test_what_was_tampered_with_does_not_open(how: str) -> None:
    with pytest.raises(Damaged):
        unseal(_broken()[how])


def test_another_label_or_key_does_not_open_it() -> None:
    with pytest.raises(Damaged):
        unseal(seal(b"x"), label="b")
    with pytest.raises(Damaged):
        unseal(seal(b"x"), key=bytes(32))


def test_the_same_file_twice_looks_different() -> None:
    assert seal(b"x" * 100)[SALT:] != seal(b"x" * 100)[SALT:]
