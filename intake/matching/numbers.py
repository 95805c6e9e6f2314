"""The normal form of a telephone number: E.164."""

import phonenumbers

LONGEST = 60  # characters; numbers are far shorter, also when written with words around them


def normal_phone(typed: str, country: str = "") -> str:
    """E.164 (`+994501234567`), or "" when it is no number.

    `country` (ISO 3166-1) reads numbers without a country code; without it only those with a plus sign are read.
    Possible is enough, as where contacts are checked: number plans change more often than our copy of them.
    """
    try:
        number = phonenumbers.parse(typed[:LONGEST], country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
