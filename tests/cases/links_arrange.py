"""Cases that have something in common, for the tests of links, merges and groups."""

from datetime import datetime
from typing import Any

from cases.actions.suggest_links import compare_waiting
from cases.models import Case, CaseLink
from intake.actions.submit_report import ContactEntry
from tests.cases.arrange import opened

PHONE = ContactEntry(method="phone", value="+994501234567")
ACTOR = {"actor_name": "Əliyev Vüqar", "actor_kind": "employer"}


def two(now: datetime, **changes: Any) -> tuple[Case, Case]:
    return opened(now, **changes), opened(now, **changes)


def compared(now: datetime, *cases: Case) -> list[tuple[str, str, str]]:
    """Kind, state and ground of every link after one run over what waits."""
    compare_waiting(now=now)
    for case in cases:
        case.refresh_from_db()
    return sorted(CaseLink.objects.values_list("kind", "state", "ground"))
