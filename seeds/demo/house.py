"""What happens in the demo's house beside people's cases: agreements that wait for a second person, a dry run."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING

from cases.actions.ask_job import ask_dry_run
from cases.actions.check_agreement import Terms, newest_version
from cases.actions.decide_approval import approve, refuse
from cases.actions.propose_agreement import propose_amendment, propose_end
from cases.actions.run_jobs import run_jobs
from cases.models import Agreement, ApprovalRequest

from .stage import in_role

if TYPE_CHECKING:
    from .story import Story

Act = Callable[[datetime], None]


def house_acts(story: "Story") -> Iterator[tuple[datetime, Act]]:
    """Two agreements and the memorandum wait for a second person; one was approved, one refused; a change was tried."""

    def ago(*, days: float) -> datetime:
        return story.now - timedelta(days=days)

    yield ago(days=24.2), partial(prolong, slug="agreement-uralskaya-priyomnaya", side="RU", days=365)
    yield ago(days=23.1), partial(decide, slug="agreement-uralskaya-priyomnaya", side="RU", is_yes=True)
    yield ago(days=16.3), partial(end_early, slug="agreement-naxcivan-ocagi", side="AZ", days=30)
    yield ago(days=15.9), partial(decide, slug="agreement-naxcivan-ocagi", side="AZ", is_yes=False)
    yield ago(days=2.4), partial(prolong, slug="agreement-idil-dayaq", side="AZ", days=365)
    yield ago(days=3.2), partial(prolong, slug="agreement-dom-druzhby-volga", side="RU", days=395)
    yield ago(days=1.3), partial(prolong, slug="memorandum-demo", side="AZ", days=730)
    change = {"kind": "partner", "partner": "nur-huquq", "capacity": 4}
    yield ago(days=0.2), partial(try_change, role="partner_coordinator", side="AZ", change=change)


def prolong(at: datetime, *, slug: str, side: str, days: int) -> None:
    """The coordinator of the side proposes a later last day."""
    agreement = Agreement.objects.get(slug=slug)
    newest = newest_version(agreement)
    assert newest is not None  # noqa: S101 the demo's agreements have one
    terms = replace(Terms.of(newest), valid_until=newest.valid_until + timedelta(days=days))
    by = in_role("partner_coordinator", side)
    propose_amendment(agreement_id=agreement.pk, terms=terms, seen=newest.number, by=by, now=at)


def end_early(at: datetime, *, slug: str, side: str, days: int) -> None:
    agreement = Agreement.objects.get(slug=slug)
    newest = newest_version(agreement)
    assert newest is not None  # noqa: S101 the demo's agreements have one
    by, last_day = in_role("partner_coordinator", side), at.date() + timedelta(days=days)
    propose_end(agreement_id=agreement.pk, last_day=last_day, seen=newest.number, by=by, now=at)


def decide(at: datetime, *, slug: str, side: str, is_yes: bool) -> None:
    agreement = Agreement.objects.get(slug=slug)
    request = ApprovalRequest.objects.get(subject=agreement.pk, state="open")
    (approve if is_yes else refuse)(request_id=request.pk, by=in_role("supervisor", side), now=at)


def try_change(at: datetime, *, role: str, side: str, change: dict[str, object]) -> None:
    """Asked for, and done by a worker within a minute, over the cases as they stand."""
    ask_dry_run(change=change, days=60, by=in_role(role, side), now=at)
    moments = chain([at + timedelta(seconds=3)], repeat(at + timedelta(seconds=40)))
    run_jobs(now_fn=lambda: next(moments))
