"""A person decides about a link, on both timelines, and may decide otherwise later."""

from datetime import datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from cases.actions.know_person import know_person
from cases.actions.link_cases import decide_link
from cases.actions.merge_cases import merge_cases
from cases.actions.take_up import take_up_report_events
from cases.errors import MoveNotAllowed, NotAllowed, NotFound
from cases.models import Case, CaseLink, LinkRule, Recusal, TimelineEvent
from cases.queries.links import name_other_cases, relations
from cases.queries.remembered import forget_reference
from cases.workflow import LINK_MOVES, LinkState
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput, ReportErased
from tests.cases.arrange import acting, opened, staff
from tests.cases.links_arrange import PHONE, compared, two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def decide(one: Case, other: Case, state: str, now: datetime, **changes: Any) -> CaseLink:
    values = {"kind": "same_person", "by": acting(staff()), "now": now, **changes}
    return decide_link(case_id=one.pk, other_id=other.pk, state=state, **values)


def shown(case: Case, user: Any) -> list[tuple[str, str]]:
    found = relations(case, user)
    return [(link.state, link.other.reference) for link in (*found.suggested, *found.decided)]


def test_confirming_a_suggestion_moves_no_case_and_stands_on_both_timelines(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    user = staff()
    link = decide(other, one, "confirmed", now, by=acting(user))
    assert (link.state, link.decided_by, link.ground) == ("confirmed", user, "phone")
    assert set(Case.objects.values_list("state", flat=True)) == {"triage"}
    events = TimelineEvent.objects.filter(code="link_confirmed").values_list("case", "details")
    assert dict(events) == {
        one.pk: {"kind": "same_person", "case": str(other.pk)},
        other.pk: {"kind": "same_person", "case": str(one.pk)},
    }


def test_a_person_may_see_what_we_do_not_and_the_pair_is_one_row_from_either_end(now: datetime) -> None:
    one, other = two(now)
    assert decide(one, other, "confirmed", now).pk == decide(other, one, "confirmed", now).pk
    assert TimelineEvent.objects.filter(code="link_confirmed").count() == 2
    assert decide(one, other, "confirmed", now, kind="same_incident").kind == "same_incident"
    assert CaseLink.objects.count() == 2


@pytest.mark.parametrize(("old", "new"), [*product(LinkState.values, ["confirmed", "refused", "undone"])])
def test_a_link_moves_as_the_table_says_and_never_back_to_a_suggestion(now: datetime, old: str, new: str) -> None:
    one, other = sorted(two(now), key=lambda case: case.pk)
    decided = {} if old == "suggested" else {"decided_at": now}
    CaseLink.objects.create(first=one, second=other, kind="same_person", state=old, **decided)
    if new == old or new in LINK_MOVES[old]:
        assert decide(one, other, new, now).state == new
    else:
        with pytest.raises(MoveNotAllowed):
            decide(one, other, new, now)
        assert CaseLink.objects.get().state == old


def test_other_sides_and_people_one_knows_do_not_exist(now: datetime) -> None:
    one, other = two(now)
    of_russia, user = opened(now, handler="RU"), staff()
    know_person(case_id=other.pk, by=acting(user), now=now)
    for pair in ((one, of_russia), (of_russia, one), (one, other), (other, one)):
        with pytest.raises(NotFound):
            decide(*pair, "confirmed", now, by=acting(user))
    with pytest.raises(NotAllowed):
        decide(one, other, "confirmed", now, by=acting(staff("partner_coordinator")))
    with pytest.raises(NotFound):
        decide_link(
            case_id=one.pk, other_id=uuid4(), kind="same_person", state="confirmed", by=acting(staff()), now=now
        )
    assert not CaseLink.objects.exists()


def test_what_makes_no_sense_is_refused(now: datetime) -> None:
    one, other = two(now)
    for changes in ({"other": one}, {"kind": "same_moon"}, {"state": "suggested"}, {"state": "lost"}):
        values: dict[str, Any] = {"other": other, "state": "confirmed", **changes}
        with pytest.raises(InvalidInput):
            decide(one, now=now, **values)
    Case.objects.filter(pk=other.pk).update(is_practice=True)
    with pytest.raises(InvalidInput):
        decide(one, other, "confirmed", now)


def test_the_database_keeps_one_row_a_pair_in_one_order(now: datetime) -> None:
    first, second = sorted(two(now), key=lambda case: case.pk)
    values: dict[str, Any] = {"kind": "same_person", "state": "suggested"}
    CaseLink.objects.create(first=first, second=second, **values)
    for wrong in (
        {"first": second, "second": first, **values},
        {"first": first, "second": first, **values},
        {"first": first, "second": second, **values},
        {"first": first, "second": second, "kind": "same_actor", "state": "confirmed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseLink.objects.create(**wrong)


def test_after_an_erasure_the_link_is_undone_and_says_no_longer_why(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    decide(one, other, "confirmed", now)
    decide(one, other, "confirmed", now, kind="same_actor")
    decide(one, other, "undone", now, kind="same_actor")
    before = {"state": "undone", "ground": "place_date_actor", "strength": 5, "decided_at": now}
    CaseLink.objects.create(**ends(one, other), kind="same_incident", **before)
    erase_report(report_id=other.report_id, because="reporter", now=now)
    take_up_report_events(report_id=other.report_id, now=now)
    rows = set(CaseLink.objects.values_list("kind", "state", "ground", "strength"))
    assert rows == {(kind, "undone", "", 0) for kind in ("same_person", "same_actor", "same_incident")}
    with pytest.raises(ReportErased):
        decide(one, other, "confirmed", now)


def test_after_an_erasure_nothing_says_either_what_somebody_refused(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    decide(one, other, "refused", now)
    erase_report(report_id=other.report_id, because="reporter", now=now)
    take_up_report_events(report_id=other.report_id, now=now)
    assert not CaseLink.objects.exists()


def test_after_a_withdrawal_what_people_decided_stays_and_is_not_shown(now: datetime) -> None:
    """The person may write again: then it is as it was."""
    one, other = two(now, contact=PHONE)
    compared(now)
    decide(one, other, "confirmed", now)
    CaseLink.objects.create(**ends(one, other), kind="same_incident", state="refused", decided_at=now)
    CaseLink.objects.create(**ends(one, other), kind="same_actor", state="suggested", ground="actor")
    withdraw_report(report_id=other.report_id, now=now)
    assert shown(one, staff()) == [], "before anybody took it up"
    take_up_report_events(report_id=other.report_id, now=now)
    rows = set(CaseLink.objects.values_list("kind", "state", "ground"))
    assert rows == {("same_person", "confirmed", "phone"), ("same_incident", "refused", "")}
    assert shown(one, staff()) == []


def ends(one: Case, other: Case) -> dict[str, Case]:
    first, second = sorted((one, other), key=lambda case: case.pk)
    return {"first": first, "second": second}


def test_of_suggestions_as_many_are_shown_as_the_rule_says_and_the_rest_is_counted(now: datetime) -> None:
    one, user = opened(now), staff()
    strengths = {opened(now).pk: strength for strength in (1, 3, 2)}
    for pk, strength in strengths.items():
        pair = ends(one, Case.objects.get(pk=pk))
        CaseLink.objects.create(**pair, kind="same_actor", state="suggested", ground="actor", strength=strength)
    LinkRule.objects.filter(kind="same_actor").update(most=2)
    forget_reference()
    found = relations(one, user)
    assert [strengths[link.other.pk] for link in found.suggested] == [3, 2] and found.hidden == 1
    LinkRule.objects.filter(kind="same_actor").delete()
    forget_reference()
    found = relations(one, user)
    assert found.suggested == [] and found.hidden == 3, "without a rule nothing of the kind is shown"


def test_what_was_taken_back_by_a_person_is_not_shown_any_more(now: datetime) -> None:
    one, other = two(now)
    decide(one, other, "confirmed", now)
    assert shown(one, staff()) == [("confirmed", other.reference)]
    decide(one, other, "undone", now)
    assert shown(one, staff()) == shown(other, staff()) == []


@pytest.mark.parametrize("why", ["known", "other side"])
def test_a_merge_with_a_case_that_is_out_of_reach_is_not_shown(why: str, now: datetime) -> None:
    one, other = two(now)
    merge_cases(case_id=one.pk, into_id=other.pk, by=acting(staff()), now=now)
    user = staff()
    assert relations(one, user).into is not None and len(relations(other, user).merged_here) == 1
    for case in (one, other):
        if why == "known":
            Recusal.objects.create(case=case, user=user, at=now)
        else:
            Case.objects.filter(pk=case.pk).update(side="RU")
        beside = other if case is one else one
        found = relations(beside, user)
        assert found.into is None and found.merged_here == []
        Recusal.objects.all().delete()
        Case.objects.update(side="AZ")


def test_the_file_shows_neither_what_was_taken_back_nor_whom_one_knows(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    user, acquainted = staff(), staff()
    assert shown(one, user) == [("suggested", other.reference)] and shown(other, user) == [("suggested", one.reference)]
    know_person(case_id=other.pk, by=acting(acquainted), now=now)
    assert shown(one, acquainted) == [] and shown(one, user) != []
    assert shown(one, staff(side="RU")) == []


def test_a_timeline_names_the_other_case_only_to_who_can_reach_it(now: datetime) -> None:
    one, other = two(now)
    decide(one, other, "confirmed", now)
    user = staff()
    know_person(case_id=other.pk, by=acting(user), now=now)
    for reader, named in ((staff(), other.reference), (user, "")):
        events = list(TimelineEvent.objects.filter(case=one, code="link_confirmed").values("code", "details"))
        name_other_cases(events, reader)
        assert [event["other_case"] for event in events] == [named]


def test_the_panel_costs_three_statements_however_much_it_shows(now: datetime, django_assert_num_queries: Any) -> None:
    one, user = opened(now, contact=PHONE), staff()
    relations(one, user)
    for many in (0, 4):
        for _ in range(many):
            opened(now, contact=PHONE)
        compared(now)
        with django_assert_num_queries(3):
            found = relations(one, user)
            assert [link.other.category.pk for link in found.suggested] == ["WRK"] * many
