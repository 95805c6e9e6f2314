"""Demo staff of both sides, in every role, and their duty rota."""

from datetime import UTC, datetime, timedelta

from cases.models import DutyShift, User
from intake.vocabulary import Side

from .source import read


def make_staff(*, now: datetime) -> None:
    """Accounts without a password: the demo signs in with one click, and nothing else opens them."""
    for row in read("staff"):
        user = User(
            email=row["email"],
            name=row["name"],
            side=row["side"],
            roles=row["roles"],
            language=row["language"],
            languages_read=row["languages_read"],
            timezone=row["timezone"],
            directions=row["directions"],
            is_demo=True,
        )
        user.set_unusable_password()
        user.save()
    for side in Side.values:
        _make_rota(side=side, now=now)


def _make_rota(*, side: str, now: datetime) -> None:
    """Shifts of twelve hours from before the oldest report to three weeks ahead, the caseworkers of a side in turn."""
    people = list(User.objects.filter(side=side, roles__icontains="caseworker").order_by("email"))
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = []
    for number in range(-160, 42):
        start = midnight + timedelta(hours=12 * number)
        shifts.append(
            DutyShift(
                side=side, user=people[number % len(people)], starts_at=start, ends_at=start + timedelta(hours=12)
            )
        )
    DutyShift.objects.bulk_create(shifts)
