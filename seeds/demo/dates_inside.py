"""Days and moments that stand inside other values: in JSON of codes, and in what a person answered, which is sealed."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models

from intake.models import Report, ReportKey
from intake.queries.words import Part

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)")


def moved(value: Any, delta: timedelta) -> Any:
    """The same JSON with each text that is a day or a moment, and nothing else, that much later."""
    if isinstance(value, dict):
        return {name: moved(one, delta) for name, one in value.items()}
    if isinstance(value, list):
        return [moved(one, delta) for one in value]
    if not isinstance(value, str):
        return value
    if _DAY.fullmatch(value):
        return (date.fromisoformat(value) + delta).isoformat()
    if _MOMENT.fullmatch(value):
        return (datetime.fromisoformat(value) + delta).isoformat()
    return value


def move_json(model: type[models.Model], delta: timedelta) -> None:
    """Of every row whose codes name a day."""
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]
    if not names:
        return
    changed = []
    for row in model._default_manager.only("pk", *names):
        before = {name: getattr(row, name) for name in names}
        after = moved(before, delta)
        if after != before:
            for name in names:
                setattr(row, name, after[name])
            changed.append(row)
    model._default_manager.bulk_update(changed, names, batch_size=100)


def move_answers(delta: timedelta) -> None:
    """Since when somebody is held, and until when they must answer: sealed anew under the same key."""
    for report in Report.objects.filter(erased_at__isnull=True).only("pk", "answers"):
        key = ReportKey.of(report.pk)
        before = report.unseal(key, Part.ANSWERS)
        after = moved(before, delta)
        if after != before:
            report.seal(key, answers=after)
            report.save(update_fields=["answers"])
