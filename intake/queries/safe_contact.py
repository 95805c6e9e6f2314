"""When a person can be reached safely. Pure on the row: no value is opened, no clock is read."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.compiled import Rows
from intake.models import SafeContact
from intake.vocabulary import Voice

_DAYS_AHEAD = 8  # a week of windows, and the one that began yesterday


def current_contact(report_id: UUID, voice: str = Voice.REPORTER, *, at: datetime | None = None) -> SafeContact | None:
    """The newest row: it replaces the ones before, also when it says never. With `at` the one in force at that time."""
    if at is None:
        return _newest.first(report=report_id, voice=voice)
    rows = SafeContact.objects.filter(report_id=report_id, voice=voice, created_at__lte=at)
    return rows.order_by("-created_at", "-id").first()


_newest = Rows(
    lambda report, voice: SafeContact.objects.filter(report_id=report, voice=voice).order_by("-created_at", "-id")[:1],
    report=(UUID(int=1), UUID(int=2)),
    voice=("one", "other"),
)


def safe_contact_now(contact: SafeContact, now: datetime) -> bool:
    """Whether a message may go out at this moment. Doubt (an unknown zone, an empty window) means no."""
    local = _local(contact, now)
    if local is None or contact.never_contact or not contact.method:
        return False
    if contact.valid_until is not None and local.date() > contact.valid_until:
        return False
    if contact.hours_from is None or contact.hours_until is None:
        return _is_day(contact, local.date())
    return _in_window(contact, local, contact.hours_from, contact.hours_until)


def next_safe_moment(contact: SafeContact, now: datetime) -> datetime | None:
    """`now` when it is safe, else the start of the next window; None when there is none.

    In the night in which clocks go forward it can be up to an hour late, never early.
    """
    if safe_contact_now(contact, now):
        return now
    local = _local(contact, now)
    if local is None or contact.never_contact:
        return None
    coming = (moment for moment in _starts(contact, local) if moment > now)
    return next((moment for moment in coming if safe_contact_now(contact, moment)), None)


def _starts(contact: SafeContact, local: datetime) -> list[datetime]:
    """When windows begin in the coming days. An hour that the clocks repeat begins twice."""
    opens = contact.hours_from or time.min
    days = [local.date() + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD + 1)]
    starts = (datetime.combine(day, opens, local.tzinfo).replace(fold=fold) for day in days for fold in (0, 1))
    return sorted(start.astimezone(UTC) for start in starts)


def _in_window(contact: SafeContact, local: datetime, opens: time, closes: time) -> bool:
    """A window over midnight belongs to the day on which it opens."""
    at = local.time().replace(tzinfo=None)
    today = local.date()
    if opens <= closes:
        return opens <= at < closes and _is_day(contact, today)
    if at >= opens:
        return _is_day(contact, today)
    return at < closes and _is_day(contact, today - timedelta(days=1))


def _is_day(contact: SafeContact, day: date) -> bool:
    return not contact.days or day.weekday() in contact.days


def _local(contact: SafeContact, now: datetime) -> datetime | None:
    try:
        return now.astimezone(ZoneInfo(contact.timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
