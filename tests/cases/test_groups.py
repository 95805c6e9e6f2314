"""Cases of one incident: worked on together, each with its own person, who never learns of the others."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from cases.actions.act_on_group import act_on_group
from cases.actions.assign import take_case
from cases.actions.group_cases import group_cases, leave_group, write_group_note
from cases.actions.know_person import know_person
from cases.actions.take_up import take_up_report_events
from cases.errors import InAnotherGroup, MoveNotAllowed, NotAllowed, NotFound, StaleObject
from cases.models import Case, CaseGroup, FollowUp, GroupMember, GroupNote, Note, TimelineEvent, User
from cases.queries.groups import group_file, group_of
from cases.queries.links import relations
from intake.actions.erase_report import erase_report
from intake.actions.withdraw_report import withdraw_report
from intake.errors import InvalidInput
from intake.models import Message, ReportKey
from tests.cases.arrange import NOT_SHARED, acting, opened, staff
from tests.cases.links_arrange import two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)


def grouped(now: datetime, *cases: Case, user: User | None = None) -> CaseGroup:
    who = acting(user or staff())
    for case in cases[1:]:
        group = group_cases(case_id=case.pk, other_id=cases[0].pk, by=who, now=now)
    return group


def wrote(group: CaseGroup, text: str, now: datetime) -> GroupNote:
    return write_group_note(group_id=group.pk, text=text, by=acting(staff()), now=now)


def note_texts(group: CaseGroup) -> list[str]:
    return [part.text for part in group_file(group, staff()).notes]


def erased(case: Case, now: datetime) -> None:
    erase_report(report_id=case.report_id, because="reporter", now=now)
    take_up_report_events(report_id=case.report_id, now=now)


def act(group: CaseGroup, kind: str, cases: list[Case], now: datetime, **changes: Any) -> list[tuple[str, bool]]:
    values = {"by": acting(staff()), "text": "Canary", "now": now, **changes}
    found = act_on_group(group_id=group.pk, act=kind, case_ids=[case.pk for case in cases], **values)
    return [(one.reference, not one.message) for one in found]


def test_a_group_grows_by_pairs_and_each_timeline_says_so_once(now: datetime) -> None:
    a, b = two(now)
    c = opened(now)
    group = grouped(now, a, b, c)
    assert grouped(now, c, a) == group and CaseGroup.objects.count() == 1
    assert {member.case_id for member in GroupMember.objects.all()} == {a.pk, b.pk, c.pk}
    assert TimelineEvent.objects.filter(code="grouped").count() == 3
    assert set(Case.objects.values_list("state", flat=True)) == {"triage"}


def test_a_case_is_in_one_group_at_a_time_and_its_history_stays(now: datetime) -> None:
    a, b = two(now)
    c, d = two(now)
    grouped(now, a, b)
    second = grouped(now, c, d)
    with pytest.raises(InAnotherGroup):
        grouped(now, a, c)
    leave_group(case_id=a.pk, by=acting(staff()), now=now)
    with pytest.raises(MoveNotAllowed):
        leave_group(case_id=a.pk, by=acting(staff()), now=now)
    assert grouped(now, c, a) == second
    assert GroupMember.objects.filter(case=a).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupMember.objects.create(group=second, case=b, added_by=staff(), added_at=now)


def test_it_belongs_to_one_side_and_is_hidden_from_who_knows_anybody_in_it(now: datetime) -> None:
    a, b = two(now)
    group, user = grouped(now, a, b), staff()
    assert group_of(user, group.pk) == group and group_of(staff(side="RU"), group.pk) is None
    know_person(case_id=b.pk, by=acting(user), now=now)
    assert group_of(user, group.pk) is None and relations(a, user).group is None
    for pair in ((a, opened(now, handler="RU")), (a, b)):
        with pytest.raises(NotFound):
            grouped(now, *pair, user=user)
    with pytest.raises(NotFound):
        write_group_note(group_id=group.pk, text="x", by=acting(user), now=now)
    with pytest.raises(NotFound):
        act(group, "note", [a], now, by=acting(user))
    with pytest.raises(NotAllowed):
        grouped(now, a, b, user=staff("auditor"))


def test_the_shared_note_is_sealed_and_read_by_the_side(now: datetime) -> None:
    group = grouped(now, *two(now))
    wrote(group, "Canary one", now)
    wrote(group, "Canary two", now + HOUR)
    assert note_texts(group) == ["Canary two", "Canary one"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM cases_groupnote")
        assert not [row for row in cursor.fetchall() if b"Canary" in bytes(row[0])]
    with pytest.raises(InvalidInput):
        wrote(group, "  ", now)


def test_who_erases_takes_along_what_was_written_while_they_were_in_it(now: datetime) -> None:
    a, b = two(now)
    c = opened(now)
    group = grouped(now, a, b)
    wrote(group, "before they came", now + HOUR)
    grouped(now + 2 * HOUR, a, c)
    with_them = wrote(group, "Canary: perhaps about them", now + 3 * HOUR)
    leave_group(case_id=c.pk, by=acting(staff()), now=now + 4 * HOUR)
    wrote(group, "after they left", now + 5 * HOUR)
    erased(c, now + 6 * HOUR)
    assert note_texts(group) == ["after they left", "before they came"]
    assert group_file(group, staff()).lost == 1
    assert not ReportKey.objects.filter(report_id=with_them.pk).exists()
    assert not GroupNote.objects.get(pk=with_them.pk).text


def test_a_withdrawal_takes_nothing_of_the_note_along(now: datetime) -> None:
    a, b = two(now)
    group = grouped(now, a, b)
    wrote(group, "stays", now)
    withdraw_report(report_id=b.report_id, now=now + HOUR)
    take_up_report_events(report_id=b.report_id, now=now + HOUR)
    assert note_texts(group) == ["stays"] and GroupMember.objects.get(case=b).removed_at == now + HOUR


def test_an_erased_case_leaves_its_group_and_the_others_stay(now: datetime) -> None:
    a, b = two(now)
    group = grouped(now, a, b)
    erased(b, now)
    assert [case.pk for case in group_file(group, staff()).cases] == [a.pk]
    row = GroupMember.objects.get(case=b)
    assert (row.removed_at, row.removed_by) == (now, None)


def test_one_act_for_each_case_by_its_own_rules_and_a_refusal_stops_no_other(now: datetime) -> None:
    a, b = opened(now), opened(now, consent=NOT_SHARED)
    c, user = opened(now), staff()
    group = grouped(now, a, b, c)
    assert act(group, "propose", [a, b], now) == [(a.reference, True), (b.reference, False)]
    assert act(group, "write", [a, c], now) == [(a.reference, True), (c.reference, True)]
    assert set(Message.objects.values_list("report_id", flat=True)) == {a.report_id, c.report_id}
    assert act(group, "note", [a, b, c], now, text="Canary") and Note.objects.count() == 3
    assert act(group, "take", [a, b], now, by=acting(user)) == [(a.reference, True), (b.reference, True)]
    assert Case.objects.filter(responsible=user).count() == 2
    assert act(group, "take", [a, c], now, by=acting(staff()))[0] == (a.reference, False)


def test_a_follow_up_entered_once_is_made_for_each_under_its_own_key(now: datetime) -> None:
    a, b = two(now)
    group, day = grouped(now, a, b), datetime(2026, 12, 1, 9, 0)
    assert act(group, "follow_up", [a, b], now, local=day) == [(a.reference, True), (b.reference, True)]
    rows = {row.case_id: row for row in FollowUp.objects.all()}
    assert {row.due_at for row in rows.values()} == {datetime.fromisoformat("2026-12-01T09:00+04:00")}
    for case in (a, b):
        assert rows[case.pk].unseal(ReportKey.of(case.report_id), "text") == "Canary"
    assert TimelineEvent.objects.filter(code="follow_up_added").count() == 2
    erased(b, now)
    assert FollowUp.objects.get(case=a).unseal(ReportKey.of(a.report_id), "text") == "Canary"


def test_whom_it_is_for_is_asked_of_each_case_and_without_a_choice_it_is_whoever_has_it(now: datetime) -> None:
    a, b = two(now)
    group, user, colleague = grouped(now, a, b), staff(), staff()
    take_case(case_id=b.pk, user_id=colleague.pk, by=acting(staff("supervisor")), now=now)
    act(group, "follow_up", [a, b], now, local=datetime(2026, 12, 1, 9, 0))
    assert dict(FollowUp.objects.values_list("case", "user")) == {a.pk: None, b.pk: colleague.pk}
    done = act(group, "follow_up", [a, b], now, local=datetime(2026, 12, 2, 9, 0), user_id=staff(side="RU").pk)
    assert [is_done for _reference, is_done in done] == [False, False] and FollowUp.objects.count() == 2
    act(group, "follow_up", [a], now, local=datetime(2026, 12, 3, 9, 0), user_id=user.pk)
    assert FollowUp.objects.filter(case=a, user=user).count() == 1


def test_a_member_that_cannot_be_seen_is_left_out_and_nothing_says_that_there_is_one(now: datetime) -> None:
    """It went to the other side: from here on its own side sees a figure, and no more."""
    a, b = two(now)
    group = grouped(now, a, b)
    Case.objects.filter(pk=b.pk).update(side="RU")
    found = act(group, "follow_up", [a, b], now, local=datetime(2026, 12, 1, 9, 0))
    assert found == [(a.reference, True)]
    assert list(FollowUp.objects.values_list("case", flat=True)) == [a.pk]
    assert [case.pk for case in group_file(group, staff()).cases] == [a.pk]


def test_a_group_that_no_case_is_left_in_or_whose_cases_went_to_the_other_side_is_not_there(now: datetime) -> None:
    a, b = two(now)
    group, theirs = grouped(now, a, b), staff(side="RU")
    Case.objects.update(side="RU")
    assert group_of(staff(), group.pk) is None, "nobody here reaches a case of it"
    assert group_of(theirs, group.pk) is None, "its note was written here"
    Case.objects.update(side="AZ")
    for case in (a, b):
        leave_group(case_id=case.pk, by=acting(staff()), now=now)
    assert group_of(staff(), group.pk) is None


@pytest.mark.parametrize("role", ["auditor", "administrator", "partner_coordinator"])
def test_nobody_else_of_the_side_writes_its_note_or_acts_on_it(role: str, now: datetime) -> None:
    a, b = two(now)
    group, by = grouped(now, a, b), acting(staff(role))
    with pytest.raises(NotAllowed):
        write_group_note(group_id=group.pk, text="x", by=by, now=now)
    with pytest.raises(NotAllowed):
        act(group, "note", [a, b], now, by=by)
    assert not GroupNote.objects.exists() and not Note.objects.exists()


@pytest.mark.parametrize("changes", [{"local": None}, {"local": datetime(2026, 12, 1, 9, 0), "text": " "}])
def test_a_follow_up_without_words_or_moment_is_made_for_nobody(changes: dict[str, Any], now: datetime) -> None:
    a, b = two(now)
    group = grouped(now, a, b)
    with pytest.raises(InvalidInput):
        act(group, "follow_up", [a, b], now, **changes)
    assert not FollowUp.objects.exists()


def test_a_moment_that_is_over_is_refused_for_each(now: datetime) -> None:
    a, b = two(now)
    done = act(grouped(now, a, b), "follow_up", [a, b], now, local=datetime(2026, 11, 1, 9, 0))
    assert [is_done for _reference, is_done in done] == [False, False] and not FollowUp.objects.exists()


def test_only_members_and_only_what_is_known_is_acted_on(now: datetime) -> None:
    a, b = two(now)
    stranger, group = opened(now), grouped(now, a, b)
    for kind, cases in (("note", [stranger]), ("erase", [a]), ("note", [])):
        with pytest.raises(InvalidInput):
            act(group, kind, cases, now)
    with pytest.raises(InvalidInput):
        act(group, "write", [a], now, text=" ")
    assert act(group, "note", [a, stranger], now) == [(a.reference, True)]


def test_the_same_form_sent_twice_writes_to_nobody_twice(now: datetime) -> None:
    a, b = two(now)
    group = grouped(now, a, b)
    seen = CaseGroup.objects.get().updated_at.isoformat()
    act(group, "write", [a, b], now + HOUR, seen=seen)
    with pytest.raises(StaleObject):
        act(group, "write", [a, b], now + HOUR, seen=seen)
    assert Message.objects.count() == 2


def test_the_page_costs_the_same_for_two_cases_and_for_twenty(now: datetime, django_assert_num_queries: Any) -> None:
    cases, user = [*two(now)], staff()
    for more in (0, 8):
        cases += [opened(now) for _ in range(more)]
        group = grouped(now, *cases)
        wrote(group, "x", now)
        with django_assert_num_queries(3):
            found = group_file(group, user)
            assert [str(case.category) for case in found.cases]
