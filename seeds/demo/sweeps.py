"""What the timetable does in a real place, at the moments at which the demo's story needs it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cases.actions.confirm_erasure import remind_of_erasures
from cases.actions.expire import expire_due
from cases.actions.follow_ups import remind_due
from cases.actions.price_places import price_places
from cases.actions.remind_partners import remind_partners
from cases.actions.watch_clocks import watch_clocks

Act = Callable[[datetime], None]
# Far back few looks are enough; of what is near, a visitor reads the hour.
RARELY, OFTEN, LATELY = timedelta(hours=36), timedelta(hours=4), timedelta(days=4)


def sweeps_between(first: datetime, now: datetime) -> Iterator[tuple[datetime, Act]]:
    at = first + RARELY
    while at < now:
        yield at, sweep
        at += OFTEN if now - at < LATELY else RARELY
    yield now, last_sweep


def sweep(at: datetime) -> None:
    expire_due(now=at)
    watch_clocks(now=at)
    remind_partners(now=at)
    remind_due(now=at)
    remind_of_erasures(now=at)


def last_sweep(at: datetime) -> None:
    """And the prices of the day. What workers do within a minute of the start is left to them: they clean the files,
    number the feeds and compare the cases."""
    sweep(at)
    price_places(now=at)
