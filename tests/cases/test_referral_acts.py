"""Every state of a referral by every act of everybody: as the table says ("-": refused, and nothing has changed)."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from cases.actions.answer_referral import accept_referral, decline_referral
from cases.actions.complete_referral import complete_referral
from cases.actions.end_case import resolve_case
from cases.actions.expire import expire_due
from cases.actions.merge_cases import merge_cases
from cases.actions.progress_referral import progress_referral
from cases.actions.record import Actor, verify_chain
from cases.actions.record_contact import record_contact
from cases.actions.return_referral import return_referral
from cases.actions.take_up import take_up_report_events
from cases.actions.transfer_referral import transfer_referral
from cases.actions.wind_down import wind_down_ended
from cases.actions.withdraw_referral import withdraw_referral
from cases.models import AgreementVersion, Case, PartnerOrganisation, Referral
from cases.queries.remembered import forget_reference
from cases.workflow import ASSIGNED, LOAD, ReferralState
from intake.actions.change_consent import stop_sharing
from intake.actions.erase_report import erase_report
from intake.errors import DomainError
from intake.models import PublicStatus
from intake.queries import forget_reference_data
from tests.cases.routing_world import NOW, make_case, make_partner, make_reference, make_referral, make_staff
from tests.cases.test_workflow import table as pairs_of
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
with (ROOT / "tests/cases/tables/referral_acts.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
LINES = [(row["who"], row["act"], state, row[state]) for row in TABLE for state in ReferralState.values]
# Each by a person or a partner: the referral, the other partner, and who says it.
ACTS: dict[str, Callable[[Referral, PartnerOrganisation, Actor], Any]] = {
    "accepts": lambda row, _, by: accept_referral(referral_id=row.pk, partner_id=_own(row, by), by=by, now=LATER),
    "declines": lambda row, _, by: decline_referral(
        referral_id=row.pk, partner_id=_own(row, by), reason="language", by=by, now=LATER
    ),
    "reached the person": lambda row, _, by: record_contact(
        referral_id=row.pk, at=LATER, channel="phone", reached="yes", by=by, now=LATER
    ),
    "says how it goes on": lambda row, _, by: progress_referral(
        referral_id=row.pk, next_step="We go to the court", by=by, now=LATER
    ),
    "has finished": lambda row, _, by: complete_referral(
        referral_id=row.pk, outcome="resolved_full", summary="", by=by, now=LATER
    ),
    "gives it back": lambda row, _, by: return_referral(referral_id=row.pk, reason="language", by=by, now=LATER),
    "hands it to another": lambda row, other, by: transfer_referral(
        referral_id=row.pk, partner_id=other.pk, reason="nearer", by=by, now=LATER
    ),
    "is relieved of it": lambda row, _, by: withdraw_referral(referral_id=row.pk, reason="slow", by=by, now=LATER),
}


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    forget_reference_data()
    make_reference()
    yield
    forget_reference()


def _own(row: Referral, by: Actor) -> Any:
    """Which partner the door names: the one that calls, or the one of the referral that staff have before them."""
    return by.ref if by.kind == "partner" else row.partner_id


def _by(who: str, row: Referral, other: PartnerOrganisation) -> Actor:
    if who == "partner":
        return Actor("partner", row.partner_id)
    if who == "another partner":
        return Actor("partner", other.pk)
    side = "RU" if who.endswith("of the other side") else "AZ"
    return Actor("staff", make_staff("caseworker", side=side).pk)


def in_state(state: str) -> tuple[Referral, PartnerOrganisation]:
    """A referral as it came to this state, its case where it then stands, and another partner that could help."""
    partner, other = make_partner("first"), make_partner("second")
    states = {"offered": "offered", "accepted": "accepted", "contacted": "in_progress", "in_service": "in_progress"}
    case = make_case(state=states.get(state, "triage"), routing_wanted_at=None, triaged_at=NOW, urgency=2)
    PublicStatus.objects.create(report_id=case.report_id, code=case.state, updated_at=NOW)
    columns: dict[str, Any] = {} if state in {"offered", "expired"} else {"answered_at": NOW}
    if state in ASSIGNED | {"completed"}:
        columns["contact_due_at"] = NOW + timedelta(hours=24)
    if state not in LOAD:
        columns["ended_at"] = NOW
    return make_referral(case, partner, state=state, **columns), other


def _taken_up(case: Case) -> None:
    take_up_report_events(report_id=case.report_id, now=LATER)


def _others_first(row: Referral, other: PartnerOrganisation) -> None:
    pair = make_referral(row.case, other, state="offered")
    accept_referral(referral_id=pair.pk, partner_id=other.pk, by=Actor("partner", other.pk), now=LATER)


def _taken_over(row: Referral, other: PartnerOrganisation) -> None:
    ACTS["hands it to another"](row, other, _by("caseworker", row, other))
    new = Referral.objects.get(takes_over_from=row)
    accept_referral(referral_id=new.pk, partner_id=other.pk, by=Actor("partner", other.pk), now=LATER)


def _erased(row: Referral, _: PartnerOrganisation) -> None:
    erase_report(report_id=row.case.report_id, because="reporter", now=LATER)
    _taken_up(row.case)


def _unshared(row: Referral, _: PartnerOrganisation) -> None:
    stop_sharing(report_id=row.case.report_id, now=LATER)
    _taken_up(row.case)


def _resolved(row: Referral, _: PartnerOrganisation) -> None:
    """By our own people; that an offer was still open must not keep it open."""
    Case.objects.filter(pk=row.case_id).update(state="in_progress")
    by = _by("caseworker", row, row.partner)
    resolve_case(case_id=row.case_id, outcome="advice_given", by=by, now=LATER)


def _joined(row: Referral, _: PartnerOrganisation) -> None:
    into = make_case(state="in_progress", routing_wanted_at=None)
    PublicStatus.objects.create(report_id=into.report_id, code=into.state, updated_at=NOW)
    merge_cases(case_id=row.case_id, into_id=into.pk, by=_by("caseworker", row, row.partner), now=LATER)


def _lapsed(wind_down: str) -> Callable[[Referral, PartnerOrganisation], None]:
    def lapse(row: Referral, _: PartnerOrganisation) -> None:
        AgreementVersion.objects.update(valid_until=date(2026, 11, 1), wind_down=wind_down)
        wind_down_ended(now=LATER)

    return lapse


SYSTEM: dict[str, Callable[[Referral, PartnerOrganisation], Any]] = {
    "the time to answer is over": lambda row, _: expire_due(now=row.answer_due_at),
    "another partner was first": _others_first,
    "another partner takes it over": _taken_over,
    "the person shares no more": _unshared,
    "the report is deleted": _erased,
    "the work is finished without it": _resolved,
    "the case is joined to another": _joined,
    "the agreement ended and hands back": _lapsed("hand_back"),
    "the agreement ended and lets finish": _lapsed("finish"),
}


@pytest.mark.parametrize(("who", "act", "state", "becomes"), LINES, ids=lambda value: str(value).replace(" ", "_"))
def test_as_the_table_says(who: str, act: str, state: str, becomes: str) -> None:
    row, other = in_state(state)
    before = Referral.objects.filter(pk=row.pk).values().get()
    refused = False
    try:
        SYSTEM[act](row, other) if who == "system" else ACTS[act](row, other, _by(who, row, other))
    except (DomainError, IntegrityError):  # that two partners have one case, the database refuses
        refused = True
    after = Referral.objects.filter(pk=row.pk).values().get()
    assert after["state"] == (state if becomes == "-" else becomes)
    assert becomes == "-" or not refused
    if becomes == "-":
        assert after == before
        assert refused or who == "system"
    assert verify_chain(row.case_id)


def test_every_act_of_the_code_stands_in_the_table_for_everybody() -> None:
    people = ("partner", "caseworker", "caseworker of the other side")
    wanted = {(who, act) for who in people for act in ACTS} | {("system", act) for act in SYSTEM}
    assert {(row["who"], row["act"]) for row in TABLE} >= wanted


def test_what_the_acts_do_is_exactly_what_the_table_of_moves_allows() -> None:
    """A move that nobody can make, or an act that makes one nobody allowed, would be found here."""
    made = {(state, becomes) for _who, _act, state, becomes in LINES if becomes not in {"-", state}}
    assert made == pairs_of("referral_moves.csv")
