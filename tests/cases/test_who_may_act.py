"""Every action of our people on a case is refused to the wrong role, the other side, and who knows the person."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from cases import actions
from cases.actions.record import Actor
from cases.errors import NotAllowed, NotFound
from cases.models import Case, Recusal, Referral, TimelineEvent
from tests.cases.arrange import acting, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
SOME = UUID(int=9)
SOON = date(2026, 11, 27)

# What is given besides the case or the referral, the other case, who acts and when.
GIVEN: dict[str, dict[str, Any]] = {
    "add_note": {"text": "x"},
    "take_case": {"user_id": SOME},
    "unassign_case": {},
    "resolve_case": {"outcome": "advice_given"},
    "close_case": {"outcome": "advice_given"},
    "add_follow_up": {"text": "x", "local": datetime(2026, 12, 1, 9, 0), "user_id": None},
    "group_cases": {},
    "leave_group": {},
    "enter_date": {"kind": "appeal", "on": SOON},
    "remove_date": {"date_id": SOME},
    "know_person": {},
    "set_legal_hold": {"reason": "x", "until": SOON},
    "lift_legal_hold": {},
    "decide_link": {"kind": "same_person", "state": "confirmed"},
    "log_attempt": {"channel": "phone", "result": "no_answer"},
    "merge_cases": {},
    "new_round": {"reason": "x"},
    "offer_case": {"partner_ids": [SOME], "reason": "x"},
    "open_personal_data": {},
    "open_case_files": {},
    "open_case_file": {"file_id": SOME},
    "wait_for_reporter": {"reason": "documents_asked", "look_again_on": SOON},
    "look_again_later": {"look_again_on": SOON},
    "go_on": {},
    "reopen_case": {"reason": "new_facts"},
    "leave_ended": {},
    "review_case": {},
    "propose": {},
    "ask_transfer": {"reason_code": "person_moved", "reason": "x"},
    "confirm_triage": {"category": "WRK", "subcode": "", "urgency": 3, "next_step": "in_progress"},
    "ask_vital_interest": {"partner_id": SOME, "groups": ["contact"], "reason": "x"},
    "write_to_reporter": {"text": "x"},
    "read_messages": {"until": None},
    # on a referral
    "accept_referral": {"partner_id": None},
    "decline_referral": {"partner_id": None, "reason": "no_capacity", "note": "", "paused_until": None},
    "complete_referral": {"outcome": "advice_given", "summary": ""},
    "progress_referral": {"note": "x", "next_step": "", "expected_by": None},
    "record_contact": {"channel": "phone", "reached": "yes"},
    "return_referral": {"reason": "no_capacity", "note": ""},
    "transfer_referral": {"partner_id": SOME, "reason": "x"},
    "withdraw_referral": {"reason": "x"},
}
# A step or a look-up of others; by a partner alone; it begins from the merge, not from the case.
NOT_HERE = {"locked_pair", "reached_case", "locked_referral", "confirm_erasure", "unmerge_case"}


def acts() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public action of one person on one case."""
    for module in pkgutil.iter_modules(actions.__path__):
        found = importlib.import_module(f"cases.actions.{module.name}")
        for name, act in vars(found).items():
            if inspect.isfunction(act) and act.__module__ == found.__name__ and not name.startswith("_"):
                asked = inspect.signature(act).parameters
                if "by" in asked and {"case_id", "referral_id"} & set(asked) and not name.endswith("_step"):
                    yield name, act


ACTS = dict(acts())


def test_each_action_is_tried_here() -> None:
    assert set(ACTS) - NOT_HERE == set(GIVEN)


def refused(name: str, by: Actor, now: datetime, case: Case, other: Case) -> str:
    """What the action raises; the timelines stay as they are."""
    row = Referral.objects.get()
    asked = inspect.signature(ACTS[name]).parameters
    values = {"case_id": case.pk, "referral_id": row.pk, "other_id": other.pk, "into_id": other.pk, "at": now}
    given = {key: value for key, value in values.items() if key in asked} | GIVEN[name]
    if given.get("partner_id", "") is None:
        given["partner_id"] = row.partner_id
    if "until" in given and given["until"] is None:
        given["until"] = now
    before = TimelineEvent.objects.count()
    with pytest.raises((NotAllowed, NotFound)) as refusal:
        ACTS[name](**given, by=by, now=now)
    assert TimelineEvent.objects.count() == before
    return type(refusal.value).__name__


@pytest.mark.parametrize("name", GIVEN)
def test_it_is_refused_to_everybody_whose_it_is_not(name: str, now: datetime) -> None:
    """A partner's own acts stand in the table of referral acts: here they are said by telephone."""
    case, other = opened(now), opened(now)
    referral(case, partner("AZ"), now)
    knows = staff(roles=["caseworker", "supervisor"])
    Recusal.objects.create(case=case, user=knows, at=now)
    both = ["caseworker", "supervisor"]
    tried = {
        "auditor": (acting(staff("auditor")), "NotAllowed"),
        "who audits too": (acting(staff(roles=[*both, "auditor"])), "NotAllowed"),
        "who left": (acting(staff(roles=both, is_active=False)), "NotAllowed"),
        "nobody of ours": (Actor("staff", SOME), "NotAllowed"),
        "the other side": (acting(staff(roles=both, side="RU")), "NotFound"),
    }
    if name != "know_person":
        tried["who knows the person"] = (acting(knows), "NotFound")
    assert {who: refused(name, by, now, case, other) for who, (by, _) in tried.items()} == {
        who: expected for who, (_, expected) in tried.items()
    }
