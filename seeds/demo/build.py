"""Makes the demo: people and partners as rows, everything else through the same actions as in life, day by day."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from django.conf import settings

from cases import receivers
from cases.models import Case, User
from intake.signals import intake_event

from .house import house_acts
from .partners import demo_secret, make_partners
from .past import told_long_ago
from .people import make_staff
from .source import read
from .story import Story
from .variations import varied_reports


class DemoRefused(Exception):
    """Demo data never stand beside real people's."""


def demo_code() -> str:
    """The receipt code of the first demo report, printed on the start card."""
    return str(int(demo_secret("receipt code"), 16) % 10**20).zfill(20)


def make_demo(*, now: datetime, varied: int | None = None) -> Story:
    """`varied`: how many reports beside the hand-written ones; without it as many as variations.json says.

    Returns the story as it was told, with what did not happen. Raises DemoRefused outside demo mode and where there are
    reports already.
    """
    if not settings.DEMO and not settings.TESTING:
        raise DemoRefused("KORPU_DEMO is not set: this place is for real people.")
    if Case.objects.exists() or User.objects.filter(is_demo=False).exists():
        raise DemoRefused("There are reports or real accounts here already.")
    make_staff(now=now)
    make_partners(now=now)
    story = Story(now=now, code=demo_code())
    story.plan_reports([*read("reports"), *islice(varied_reports(), varied)])
    story.plan_acts(house_acts(story))
    with hand_over_by_hand(), without_collecting():
        story.tell()
    told_long_ago(now=now)
    return story


@contextmanager
def hand_over_by_hand() -> Iterator[None]:
    """The demo's reports are taken up at their own moments in the past, not at the moment of making them."""
    intake_event.disconnect(dispatch_uid=receivers.UID)
    try:
        yield
    finally:
        receivers.connect()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Python looks for dead cycles again and again while the demo makes nothing but short-lived rows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
