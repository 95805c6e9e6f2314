"""How many wrong codes were tried, once they were too many to be mistakes."""

from datetime import datetime, timedelta

from django.db.models import Sum

from intake.models import GuessAlarm


def wrong_codes_since(moment: datetime) -> int:
    """Counted by whole hours, in hundreds: at least so many."""
    rows = GuessAlarm.objects.filter(hour__gt=moment - timedelta(hours=1))
    return rows.aggregate(total=Sum("wrong_codes"))["total"] or 0
