"""Days and hours as the person's clock shows them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def zone_called(name: str) -> tzinfo:
    """UTC where the name says nothing to us."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment_in_words(moment: datetime, zone: tzinfo) -> str:
    return date_format(moment.astimezone(zone), _("j F Y, H:i"), use_l10n=False)
