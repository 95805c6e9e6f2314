"""Moves a demo that has gone stale forward in time, so that its clocks run again. Demo mode only."""

from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Max

from cases.actions.record import chain_hash
from cases.models import Case, TimelineAnchor, TimelineEvent, append_only
from intake.models import Report
from seeds.demo.build import DemoRefused
from seeds.demo.dates_inside import move_answers, move_json

STALE_AFTER = timedelta(hours=12)
_NOT_MOVED = {"Country", "Region", "Holiday", "QuestionSet", "ConsentText", "IdempotencyKey"}


def move_forward(*, now: datetime) -> timedelta:
    """Shifts every moment by the whole days since the newest report, if that is long ago; returns the shift.

    The one place that changes a timeline: in one transaction the database's refusal is lifted, moments and chains are
    written anew, anchors of the old moments deleted, and the refusal put back. Raises DemoRefused outside demo mode.
    """
    if not settings.DEMO and not settings.TESTING:
        raise DemoRefused("KORPU_DEMO is not set: timelines of real people are not changed.")
    newest = Report.objects.aggregate(newest=Max("received_at"))["newest"]
    if newest is None or now - newest < STALE_AFTER:
        return timedelta(0)
    delta = timedelta(days=max(1, (now - newest).days))
    with transaction.atomic(durable=True):
        connection.check_constraints()  # PostgreSQL alters no table while a check of it waits for the commit
        append_only.remove(connection)
        TimelineAnchor.objects.all().delete()
        for label in ("intake", "cases"):
            for model in apps.get_app_config(label).get_models():
                if model.__name__ not in _NOT_MOVED:
                    _move(model, delta)
                    move_json(model, delta)
        move_answers(delta)
        for case in Case.objects.only("id").iterator():
            _chain_again(case)
        connection.check_constraints()
        append_only.install(connection)
    return delta


def _move(model: type[models.Model], delta: timedelta) -> None:
    """All moments of a row in one statement: half-way a constraint such as "ends after it starts" would be broken."""
    rows = model._default_manager
    moments = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField) and field.name != "last_login"
    ]
    if moments:
        rows.update(**{name: F(name) + delta for name in moments})  # NULL stays NULL
    days = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
    ]
    # SQLite adds an interval to a day by making it a moment, which no longer reads as a day.
    for row in rows.only("pk", *days) if days else ():
        rows.filter(pk=row.pk).update(
            **{name: getattr(row, name) + delta for name in days if getattr(row, name) is not None}
        )


def _chain_again(case: Case) -> None:
    """The demo's timeline is chained anew: its moments are part of its hashes."""
    head = b""
    events = list(TimelineEvent.objects.filter(case=case).order_by("sequence"))
    for event in events:
        event.previous_hash = head
        event.hash = head = chain_hash(event)
    TimelineEvent.objects.bulk_update(events, ["previous_hash", "hash"])
    Case.objects.filter(pk=case.pk).update(chain_head=head)
