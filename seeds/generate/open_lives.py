"""Lives that go on at the moment of looking: in each state in which a case can wait for somebody."""

from datetime import timedelta

from cases.actions.keep_dates import enter_date
from cases.actions.pause_clocks import wait_for_reporter

from .acts import Life, offered, write
from .facts import Facts
from .lives import ENDED
from .stage import Stage


def _new(s: Stage) -> None:
    s.go(minutes=35)


def _alarm(s: Stage) -> None:
    """Urgent and a minute old: nobody has opened it, a worker is about to route it."""
    s.go(minutes=1)


def _nobody_looked(s: Stage) -> None:
    """Its clock was missed, and everybody who should has been told."""
    s.go(8)


def _proposed(s: Stage) -> None:
    s.go(hours=2)
    s.triage()
    s.go(hours=4)


def _offered(s: Stage) -> None:
    offered(s)
    s.go(hours=5)


def _offered_to_two(s: Stage) -> None:
    s.route()
    s.go(minutes=8)
    s.triage()
    s.go(minutes=20)


def _accepted(s: Stage) -> None:
    offered(s)
    s.go(hours=10)
    s.accept()
    s.go(hours=14)


def _not_reached_in_time(s: Stage) -> None:
    offered(s)
    s.go(hours=10)
    s.accept()
    s.go(14)


def _contacted(s: Stage) -> None:
    _accepted(s)
    s.go(hours=20)
    s.contact()
    s.go(2)


def _in_service(s: Stage) -> None:
    _contacted(s)
    s.go(3)
    s.progress()
    s.go(5)


def _asked(s: Stage) -> None:
    """A partner has accepted and the person has not said yes or no to it yet."""
    offered(s)
    s.go(hours=10)
    s.accept()
    s.go(2)


def _papers_awaited(s: Stage) -> None:
    s.go(hours=2)
    s.triage()
    s.go(hours=3)
    case = s.case()
    day = (s.until + timedelta(days=20)).date()
    wait_for_reporter(case_id=case.pk, reason="documents_asked", look_again_on=day, by=s.person(case), now=s.now)
    s.post()
    s.go(2)


def _unrouted(s: Stage) -> None:
    """No partner speaks the language; the clock of our own people was missed."""
    s.go(hours=2)
    s.triage()
    s.go(10)


def _not_ours(s: Stage) -> None:
    s.go(hours=5)
    write(s)
    s.triage("out_of_scope")
    s.go(1)


def _resolved(s: Stage) -> None:
    _in_service(s)
    s.go(8)
    s.complete("resolved_full")
    s.go(9)


def _own_work(s: Stage) -> None:
    s.go(hours=3)
    s.triage("in_progress")
    s.go(1)


def _date_near(s: Stage) -> None:
    """A permit ends in five weeks."""
    s.go(hours=2)
    s.triage()
    case = s.case()
    day = (s.until + timedelta(days=35)).date()
    enter_date(case_id=case.pk, kind="permit", on=day, by=s.person(case), now=s.now)
    s.post()
    s.go(hours=5)
    s.offer()
    s.go(hours=12)


_HELD = Facts("DET", "CENTRE", {"held": "yes", "held_where": "centre", "child": "no"}, actor_kind="police")
_ALONE = Facts("CIV", "PENSION", language="lez", contact="")

OPEN: tuple[Life, ...] = (
    Life("new", _new, 120, 1 / 24, at=None),
    Life("alarm", _alarm, 2, 1 / 1440, slack=0, facts=_HELD, at=None),
    Life("nobody_looked", _nobody_looked, 6, 8, slack=20, at=None, facts=Facts("HAT", "WORKPLACE", contact="phone")),
    Life("proposed", _proposed, 60, 4 / 24, at=None, facts=Facts("RES", "PATENT")),
    Life("offered", _offered, 60, 5 / 24, at=None, facts=Facts("DOC", "RENEW", contact="phone")),
    Life("offered_to_two", _offered_to_two, 12, 20 / 1440, at=None, facts=_HELD),
    Life("accepted", _accepted, 60, 14 / 24, at=None, facts=Facts("HOU", "DEPOSIT", actor_kind="landlord")),
    Life("not_reached_in_time", _not_reached_in_time, 6, 14, slack=14, at=None, facts=Facts("EDU", "DORM")),
    Life("contacted", _contacted, 20, 2, slack=12, at=None, facts=Facts("WRK", "HOURS", actor_kind="employer")),
    Life("in_service", _in_service, 45, 5, slack=45, at=None),
    Life("asked", _asked, 12, 2, slack=14, at=None, facts=Facts("RES", "TRP", share="ask_first")),
    Life("papers_awaited", _papers_awaited, 8, 2, slack=12, at=None, facts=Facts("DOC", "NOACCESS")),
    Life("unrouted", _unrouted, 12, 10, slack=30, at=None, facts=_ALONE),
    Life("resolved", _resolved, 12, 9, slack=20, at=None, facts=Facts("HOU", "LANDLORD", actor_kind="landlord")),
    Life("not_ours", _not_ours, 4, 1, slack=20, at=None, facts=Facts("OTH", "OUTOFSCOPE", contact="")),
    Life("own_work", _own_work, 12, 1, at=None, facts=Facts(share="none", contact="")),
    Life("date_near", _date_near, 6, 12 / 24, slack=3, at=None, facts=Facts("RES", "STAY90")),
)
LIVES = (*ENDED, *OPEN)
