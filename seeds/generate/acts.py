"""What a life is, and acts that several lives share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.actions.add_note import add_note
from cases.actions.write_to_reporter import read_messages, write_to_reporter
from intake.actions.messages import mark_read, post_message

from .facts import Facts
from .stage import Stage

ENDLESS = 10_000.0  # days
Play = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Life:
    """`days`: how long before the moment of looking it begins at the latest; `weight`: how often it is met among those
    of its age; `slack`: by how many days it may have begun earlier still (what its clocks allow, if that is less)."""

    name: str
    play: Play
    weight: float
    days: float
    slack: float = ENDLESS
    facts: Facts = field(default_factory=Facts)
    at: tuple[int, int] | None = (1, 10)  # weekday and hour in Moscow; None: just so long before


def start_of(life: Life, until: datetime) -> datetime:
    latest = until - timedelta(days=life.days)
    if life.at is None:
        return latest
    weekday, hour = life.at
    local = latest.astimezone(ZoneInfo("Europe/Moscow"))
    day = local.replace(hour=hour, minute=10, second=0, microsecond=0) - timedelta(days=(local.weekday() - weekday) % 7)
    return (day if day <= local else day - timedelta(days=7)).astimezone(until.tzinfo)


# --- acts that several lives share ------------------------------------------------------------------------------------
def offered(s: Stage) -> None:
    """Triaged after two hours, proposed, and offered by the caseworker."""
    s.go(hours=2)
    s.triage()
    s.go(hours=3)
    s.offer()


def helped(s: Stage, day: float, outcome: str = "resolved_full") -> None:
    """From `day` on: accepted, reached, helped, completed a week later, closed on the day after."""
    s.go(day)
    s.accept()
    s.go(day, hours=4)
    s.contact()
    s.go(day + 1)
    s.progress()
    s.go(day + 7)
    s.complete(outcome)
    s.go(day + 8)
    s.close(outcome)


def told_to_erase(s: Stage, day: float) -> None:
    s.go(day + 37, hours=14)
    s.end_access()


def write(s: Stage) -> None:
    case = s.case()
    text = "Sizə cavab yazdıq, səhifənizə baxın (nümunə)."
    write_to_reporter(case_id=case.pk, text=text, by=s.person(case), now=s.now)
    s.post()


def conversation(s: Stage, day: float, hours: float) -> None:
    """The person writes, a caseworker reads and answers, the person reads it; a note stays."""
    s.go(day, hours)
    report = s.reports[0]
    post_message(report_id=report, text=s.marks[0].message, submission_key="mark", now=s.now)
    s.take_up()
    s.go(day, hours + 0.5)
    case = s.case()
    read_messages(case_id=case.pk, until=s.now, by=s.person(case), now=s.now)
    write(s)
    add_note(case_id=case.pk, text="Zəng edildi (nümunə).", by=s.person(case), now=s.now)
    s.go(day, hours + 1.5)
    mark_read(report_id=report, until=s.now, now=s.now)
