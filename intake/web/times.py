"""Days and hours as the person's clock shows them."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def zone_called(name: str) -> tzinfo:
    """UTC where the name says nothing to us."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment_in_words(moment: datetime, zone: tzinfo) -> str:
    return _months_small(date_format(moment.astimezone(zone), _("j F Y, H:i"), use_l10n=False))


def day_in_words(day: date) -> str:
    return _months_small(date_format(day, _("j F Y"), use_l10n=False))


def _months_small(words: str) -> str:
    """Azerbaijani writes months with a small letter; Django's list has them with a capital one."""
    return words.replace("İ", "i").lower() if get_language() == "az" else words
