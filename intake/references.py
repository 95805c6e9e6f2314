"""Case references and receipt codes: make, check, normalise, hash. Knows no model."""

import hashlib
import hmac
import secrets
import unicodedata
from uuid import UUID

import uuid_utils.compat as uuid_utils

# Crockford's base 32 without the letters that are misheard or misread on a telephone (I, L, O, U).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 7  # 32**7 = 3.4e10 references; uniqueness is the database's
CODE_DIGITS = 20
_HEARD_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


def new_id() -> UUID:
    """A version 7 UUID (RFC 9562 §5.7): ordered by time, so that indexes grow at one end."""
    return uuid_utils.uuid7()


def new_reference() -> str:
    """A case reference like `K7RM-4QX-D`: random, speakable, its last sign a check character. Never a secret."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH))
    return format_reference(body + check_character(body))


def format_reference(raw: str) -> str:
    return f"{raw[:4]}-{raw[4:7]}-{raw[7:]}"


def check_character(body: str) -> str:
    """Weighted sum modulo the prime 31: finds every single wrong sign but one pair, and every swap of neighbours."""
    total = sum((index + 2) * ALPHABET.index(sign) for index, sign in enumerate(body))
    return ALPHABET[total % 31]


def normalise_reference(typed: str) -> str | None:
    """The canonical form of what a person typed or heard, or None if it cannot be a reference."""
    raw = unicodedata.normalize("NFKC", typed[:64]).upper().translate(_HEARD_AS)
    raw = "".join(sign for sign in raw if sign not in "- \t.")
    if len(raw) != REFERENCE_LENGTH + 1 or any(sign not in ALPHABET for sign in raw):
        return None
    if check_character(raw[:-1]) != raw[-1]:
        return None
    return format_reference(raw)


def new_receipt_code() -> str:
    """20 random decimal digits (66 bits), without grouping."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def group_code(code: str) -> str:
    """`12345678…` → `1234 5678 …`, the form in which people write it down."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def normalise_code(typed: str) -> str | None:
    """The 20 digits in what a person typed (any digits of Unicode, any spacing), or None."""
    digits: list[str] = []
    for sign in typed[:200]:
        if sign.isdecimal():
            digits.append(str(unicodedata.decimal(sign)))
        elif sign.isalpha():
            return None
    return "".join(digits) if len(digits) == CODE_DIGITS else None


def hash_code(code: str, *, key: bytes) -> bytes:
    """HMAC-SHA-256 of a normalised code. Keyed, so that a stolen database alone cannot be searched."""
    return hmac.new(key, b"receipt-code:" + code.encode(), hashlib.sha256).digest()
