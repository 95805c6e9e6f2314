"""Follow-ups remind the right person once, in that person's own hour, and go along with the case."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.actions.assign import take_case, unassign_case
from cases.actions.follow_ups import add_follow_up, finish_follow_up, move_follow_up, remind_due
from cases.actions.know_person import know_person
from cases.errors import MoveNotAllowed, NotAllowed, NotFound, StaleObject
from cases.models import Case, FollowUp, OutboxMessage, TimelineEvent, User
from cases.queries.follow_ups import my_follow_ups
from intake.errors import InvalidInput
from tests.cases.arrange import acting, at_once, in_state, on_duty, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY = timedelta(days=1)
NINE = datetime(2026, 11, 26, 9, 0)


def made(case: Case, maker: User, now: datetime, local: datetime = NINE, user: User | None = None) -> FollowUp:
    user_id = user.pk if user else None
    return add_follow_up(
        case_id=case.pk, text="Canary: ask about the visa", local=local, user_id=user_id, by=acting(maker), now=now
    )


def taken(case: Case, user: User, by: User, now: datetime) -> None:
    take_case(case_id=case.pk, user_id=user.pk, by=acting(by), now=now)


def reminded() -> list[object]:
    return list(OutboxMessage.objects.filter(kind="follow_up").values_list("user", flat=True))


def test_it_reminds_at_the_hour_on_the_clock_of_whom_it_is_for(now: datetime) -> None:
    case, far = opened(now), staff(timezone="Asia/Kamchatka")
    row = made(case, staff(), now, user=far)
    assert row.due_at == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
    assert remind_due(now=row.due_at - timedelta(seconds=1)) == 0
    assert remind_due(now=row.due_at) == 1 and remind_due(now=row.due_at + DAY) == 0
    assert reminded() == [far.pk]


def test_no_row_but_its_own_holds_the_text(now: datetime) -> None:
    case, user = opened(now), staff()
    row = made(case, user, now, user=user)
    remind_due(now=row.due_at)
    assert "Canary: ask" not in str([*TimelineEvent.objects.values(), *OutboxMessage.objects.values()])
    assert [one.text for one in my_follow_ups(user, now)] == ["Canary: ask about the visa"]


def test_moved_it_reminds_again_and_done_it_does_not(now: datetime) -> None:
    case, user = opened(now), staff()
    row = made(case, user, now, user=user)
    remind_due(now=row.due_at)
    row = move_follow_up(follow_up_id=row.pk, local=NINE + DAY, by=acting(user), now=row.due_at)
    assert remind_due(now=row.due_at) == 1 and len(reminded()) == 2
    row = move_follow_up(follow_up_id=row.pk, local=NINE + 2 * DAY, by=acting(user), now=row.due_at)
    for _ in range(2):
        finish_follow_up(follow_up_id=row.pk, is_done=True, by=acting(user), now=row.due_at - DAY)
    assert remind_due(now=row.due_at) == 0 and my_follow_ups(user, now) == []
    for act in (
        lambda: finish_follow_up(follow_up_id=row.pk, is_done=False, by=acting(user), now=now),
        lambda: move_follow_up(follow_up_id=row.pk, local=NINE + 3 * DAY, by=acting(user), now=now),
    ):
        with pytest.raises(StaleObject):
            act()


def test_it_goes_along_when_the_case_does(now: datetime) -> None:
    case, first, second, supervisor = opened(now), staff(), staff(), staff("supervisor")
    taken(case, first, first, now)
    own, others = made(case, first, now), made(case, first, now, user=supervisor)
    taken(case, second, supervisor, now)
    assert FollowUp.objects.get(pk=own.pk).user == second and FollowUp.objects.get(pk=others.pk).user == supervisor
    unassign_case(case_id=case.pk, by=acting(supervisor), now=now)
    assert FollowUp.objects.get(pk=own.pk).user is None
    taken(case, first, first, now)
    assert FollowUp.objects.get(pk=own.pk).user == first


def test_with_nobody_responsible_the_person_on_duty_is_reminded(now: datetime) -> None:
    case, user = opened(now), staff()
    row = made(case, user, now)
    duty = staff()
    on_duty(duty, row.due_at)
    remind_due(now=row.due_at)
    assert reminded() == [duty.pk]


def test_who_knows_the_person_or_has_left_is_not_written_to(now: datetime) -> None:
    case, friend, gone, auditing, supervisor = opened(now), staff(), staff(), staff(), staff("supervisor")
    for user in (friend, gone, auditing):
        made(case, supervisor, now, user=user)
    know_person(case_id=case.pk, by=acting(friend), now=now)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=auditing.pk).update(roles=["caseworker", "auditor"])  # who audits sees no person any more
    assert remind_due(now=now + 3 * DAY) == 3
    assert set(reminded()) == {supervisor.pk} and my_follow_ups(friend, now) == []


@pytest.mark.parametrize("state", ["closed", "withdrawn", "duplicate"])
def test_nobody_is_reminded_of_what_is_over(state: str, now: datetime) -> None:
    case, user = opened(now), staff()
    row = made(case, user, now, user=user)
    in_state(case, state)
    assert remind_due(now=row.due_at) == 0 and my_follow_ups(user, now) == []
    with pytest.raises(MoveNotAllowed):
        made(case, user, now)


@pytest.mark.parametrize("local", [NINE - 30 * DAY, NINE + 4000 * DAY])
def test_the_hour_is_still_to_come(local: datetime, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        made(opened(now), staff(), now, local)
    assert list(refused.value.fields) == ["at"] and not FollowUp.objects.exists()


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
def test_its_text_is_there_and_not_endless(text: str, now: datetime) -> None:
    case, user = opened(now), staff()
    with pytest.raises(InvalidInput):
        add_follow_up(case_id=case.pk, text=text, local=NINE, by=acting(user), now=now)


def test_it_is_for_nobody_who_may_not_have_the_case(now: datetime) -> None:
    case, user = opened(now), staff()
    for other in (staff(side="RU"), staff("auditor"), staff(is_active=False)):
        with pytest.raises(InvalidInput):
            made(case, user, now, user=other)
    row = made(case, user, now)
    for other, refusal in ((staff(side="RU"), NotFound), (staff("administrator"), NotAllowed)):
        with pytest.raises(refusal):
            finish_follow_up(follow_up_id=row.pk, is_done=True, by=acting(other), now=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_remind_once(now: datetime) -> None:
    user = staff()
    for _ in range(3):
        made(opened(now), user, now, user=user)
    assert sum(at_once(2, lambda: remind_due(now=now + 3 * DAY))) <= 3
    remind_due(now=now + 3 * DAY)
    assert len(reminded()) == 3
