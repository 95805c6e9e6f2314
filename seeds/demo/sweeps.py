"""What the timetable does in a real place, at the moments at which the demo's story needs it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cases.actions.expire import expire_due
from cases.actions.follow_ups import remind_due
from cases.actions.number_feed import number_waiting
from cases.actions.price_places import price_places
from cases.actions.remind_partners import remind_partners
from cases.actions.suggest_links import compare_waiting
from cases.actions.watch_clocks import watch_clocks
from intake.actions.clean_file import clean_waiting

Act = Callable[[datetime], None]
# Far back one look in half a day is enough; of what is near, a visitor reads the hour.
RARELY, OFTEN, LATELY = timedelta(hours=12), timedelta(hours=2), timedelta(days=6)


def sweeps_between(first: datetime, now: datetime) -> Iterator[tuple[datetime, Act]]:
    at = first + RARELY
    while at < now:
        yield at, sweep
        at += OFTEN if now - at < LATELY else RARELY
    yield now, sweep
    yield now, last_sweep


def sweep(at: datetime) -> None:
    expire_due(now=at)
    watch_clocks(now=at)
    remind_partners(now=at)
    remind_due(now=at)


def last_sweep(at: datetime) -> None:
    """Once, over everything: links between cases, the day's prices, and files, which a child process cleans."""
    while compare_waiting(now=at, limit=500):
        pass
    price_places(now=at)
    while number_waiting():
        pass
    clean_waiting(now=at)
