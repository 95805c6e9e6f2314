"""The doctor says when timelines could be changed, and when nobody anchors them."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from cases.actions.anchor_timelines import anchor_timelines
from cases.models import append_only
from tests.cases.arrange import opened
from workers.examination import timelines_are_anchored, timelines_are_guarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)


def test_the_doctor_finds_a_table_without_its_triggers(now: datetime) -> None:
    assert not [finding for finding in timelines_are_guarded(now) if finding.grave]
    append_only.remove(connection, ["cases_timelineevent"])
    [finding] = [finding for finding in timelines_are_guarded(now) if finding.grave]
    assert "change cases_timelineevent:" in finding.what


@pytest.mark.postgres
def test_the_doctor_advises_when_the_site_runs_as_the_owner(now: datetime) -> None:
    [finding] = timelines_are_guarded(now)
    assert not finding.grave and "owns or may change cases_timelineanchor and cases_timelineevent" in finding.what


def test_the_doctor_finds_that_nobody_anchors(now: datetime) -> None:
    assert not list(timelines_are_anchored(now)), "nothing to anchor"
    opened(now - DAY)
    assert not list(timelines_are_anchored(now)), "not for long"
    assert "not been anchored yet" in next(iter(timelines_are_anchored(now + 2 * DAY))).what
    anchor_timelines(now=now)
    assert not list(timelines_are_anchored(now + 2 * DAY))
    assert "not been anchored since 2026-11-24" in next(iter(timelines_are_anchored(now + 3 * DAY))).what


def test_the_doctor_finds_an_anchor_of_a_day_to_come(now: datetime) -> None:
    opened(now - 3 * DAY)
    anchor_timelines(now=now + 3 * DAY)
    assert "a day to come" in next(iter(timelines_are_anchored(now))).what
