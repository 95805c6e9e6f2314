"""May it go out at this moment? Asked of the rows as they are when it is to be sent."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from cases.models import OutboxMessage, Recusal, Referral
from intake.models import ReportKey
from tests.cases.routing_world import make_case, make_partner, make_referral, make_staff, say
from tests.workers import arrange
from tests.workers.arrange import Post, at
from workers.delivery import drain

pytestmark = pytest.mark.usefixtures("world")


def referral(state: str = "offered", **case: Any) -> Referral:
    return make_referral(make_case(**case), make_partner(), state=state)


def after_a_run(row: OutboxMessage, now: datetime) -> tuple[str, str]:
    drain(now_fn=at(now))
    row.refresh_from_db()
    return row.state, row.last_result


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn", "accepted"])
def test_an_offer_that_is_no_longer_one_is_not_sent(now: datetime, post: Post, state: str) -> None:
    row = arrange.to_partner(referral(state), now)
    assert after_a_run(row, now) == ("cancelled", "no_longer_true")
    assert post.messages == []
    assert [delivery.result for delivery in row.deliveries.all()] == ["no_longer_true"]


def test_who_said_no_meanwhile_is_offered_to_nobody(now: datetime, post: Post) -> None:
    """The referral still stands: consent counts from the moment of the answer, not from its being taken up."""
    row = arrange.to_partner(referral(), now)
    say(row.referral.case.report, "share", "none", at=now)  # type: ignore[union-attr]
    assert after_a_run(row, now) == ("cancelled", "no_longer_true")
    assert post.messages == []


def test_who_said_no_to_this_partner_is_not_offered_to_it(now: datetime, post: Post) -> None:
    offered = referral()
    say(offered.case.report, "share", "none", recipient=offered.partner.body, at=now)
    assert after_a_run(arrange.to_partner(offered, now), now) == ("cancelled", "no_longer_true")


def test_a_yes_that_was_taken_back_is_not_announced(now: datetime, post: Post) -> None:
    accepted = referral("accepted", share="ask_first")
    row = arrange.to_partner(accepted, now, kind="consent_given")
    assert after_a_run(row, now) == ("cancelled", "no_longer_true")
    say(accepted.case.report, "share", "any", recipient=accepted.partner.body, at=now)
    again = arrange.to_partner(accepted, now, kind="consent_given")
    assert after_a_run(again, now) == ("sent", "sent")


def test_a_partner_that_left_gets_no_offer_but_hears_that_it_must_stop(now: datetime, post: Post) -> None:
    offered = referral()
    offered.partner.is_active = False
    offered.partner.save()
    assert after_a_run(arrange.to_partner(offered, now), now) == ("cancelled", "recipient_inactive")
    for kind in ("consent_withdrawn", "offer_withdrawn", "erasure_requested"):
        assert after_a_run(arrange.to_partner(offered, now, kind=kind), now) == ("sent", "sent")


def test_what_happened_is_told_whatever_the_referral_is_now(now: datetime, post: Post) -> None:
    row = arrange.to_partner(referral("withdrawn"), now, kind="offer_withdrawn")
    assert after_a_run(row, now) == ("sent", "sent")


def test_a_disabled_person_gets_nothing(now: datetime, post: Post) -> None:
    user = make_staff()
    row = arrange.to_staff(user, now)
    type(user).objects.update(is_active=False)
    assert after_a_run(row, now) == ("cancelled", "recipient_inactive")


@pytest.mark.parametrize("because", ["left", "audits now", "knows the person", "the case went to the other side"])
def test_what_is_no_longer_for_one_colleague_reaches_another_and_once(now: datetime, post: Post, because: str) -> None:
    """A notice that the reporter wrote waits up to an hour: much can change in that time."""
    side = "RU" if "side" in because else "AZ"
    user, other, case = make_staff(side="AZ"), make_staff(side=side), make_case(side="AZ")
    key = f"reporter_wrote:{case.pk}:3:{user.pk}:email"
    row = arrange.to_staff(user, now, case, kind="reporter_wrote", dedupe_key=key)
    if because == "left":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    elif because == "audits now":
        type(user).objects.filter(pk=user.pk).update(roles=["auditor"])
    elif because == "knows the person":
        Recusal.objects.create(case=case, user=user, at=now)
    else:
        type(case).objects.filter(pk=case.pk).update(side="RU")
    assert after_a_run(row, now)[0] == "cancelled"
    assert post.recipients == [other.email]
    assert OutboxMessage.objects.get(user=other, kind="reporter_wrote").dedupe_key == key.replace(
        str(user.pk), str(other.pk)
    )


def test_who_was_told_of_it_already_is_not_told_again(now: datetime, post: Post) -> None:
    gone, other, case = make_staff(), make_staff(), make_case(side="AZ")
    for user in (gone, other):
        arrange.to_staff(user, now, case, dedupe_key=f"urgent_case:{case.pk}:{user.pk}:email")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    drain(now_fn=at(now))
    assert post.recipients == [other.email] and OutboxMessage.objects.count() == 2


def test_a_complaint_is_passed_on_to_nobody_by_itself(now: datetime, post: Post) -> None:
    user, case = make_staff("supervisor"), make_case(side="AZ")
    make_staff()
    row = arrange.to_staff(user, now, case, kind="complaint")
    Recusal.objects.create(case=case, user=user, at=now)
    assert after_a_run(row, now) == ("cancelled", "recipient_knows_person")
    assert post.messages == [] and OutboxMessage.objects.count() == 1


def test_a_transfer_is_told_to_both_sides(now: datetime, post: Post) -> None:
    row = arrange.to_staff(make_staff("supervisor", side="RU"), now, make_case(side="AZ"), kind="transfer_waits")
    assert after_a_run(row, now) == ("sent", "sent")


def test_a_disabled_endpoint_is_a_failure_that_is_seen(now: datetime) -> None:
    offered = referral()
    endpoint = arrange.endpoint(offered.partner, "https://x.example.org/", now, is_active=False)
    assert after_a_run(arrange.to_partner(offered, now, endpoint=endpoint), now) == ("dead", "endpoint_disabled")


# --- reporters --------------------------------------------------------------------------------------------------------


def test_outside_the_safe_window_it_waits_for_the_next(now: datetime, post: Post) -> None:
    """It is 11:00 in Moscow, on a Tuesday; safe are Wednesdays from 18:00 to 20:00."""
    case = make_case()
    contact = arrange.contact(case, now, days=[2], hours_from=time(18), hours_until=time(20))
    row = arrange.to_reporter(contact, now)
    assert after_a_run(row, now) == ("due", "not_allowed_now")
    evening = datetime(2026, 11, 25, 15, 0, tzinfo=now.tzinfo)
    assert row.next_attempt_at == evening
    assert (post.messages, [delivery.result for delivery in row.deliveries.all()]) == ([], ["not_allowed_now"])
    assert after_a_run(row, evening) == ("sent", "sent")


def test_having_waited_for_a_safe_hour_is_no_failed_attempt(now: datetime, post: Post) -> None:
    contact = arrange.contact(make_case(), now, hours_from=time(12), hours_until=time(20))
    row = arrange.to_reporter(contact, now)
    after_a_run(row, now)
    noon = now + timedelta(hours=1)
    post.answers = ["450 busy"]
    assert after_a_run(row, noon) == ("due", "smtp_450")
    assert row.next_attempt_at - noon < timedelta(seconds=10), "the first step of the ladder, not the second"


@pytest.mark.parametrize(
    ("rules", "result"),
    [
        ({"never_contact": True}, "never_contact"),
        ({"notify": False}, "never_contact"),
        ({"method": "phone"}, "never_contact"),
        ({"valid_until": date(2026, 11, 23)}, "no_safe_time"),
        ({"timezone": "Nowhere/Such"}, "no_safe_time"),
    ],
)
def test_rules_that_forbid_it_are_obeyed(now: datetime, post: Post, rules: dict[str, Any], result: str) -> None:
    row = arrange.to_reporter(arrange.contact(make_case(), now, **rules), now)
    assert after_a_run(row, now) == ("cancelled", result)
    assert post.messages == []


def test_the_newest_rules_count_not_those_it_was_written_under(now: datetime, post: Post) -> None:
    case = make_case()
    row = arrange.to_reporter(arrange.contact(case, now, "old@example.org"), now)
    arrange.contact(case, now + timedelta(seconds=1), "new@example.org")
    assert after_a_run(row, now) == ("sent", "sent")
    assert post.recipients == ["new@example.org"]
    again = arrange.to_reporter(arrange.contact(case, now + timedelta(seconds=2), never_contact=True), now)
    assert after_a_run(again, now) == ("cancelled", "never_contact")


def test_of_an_erased_report_nobody_is_written_to(now: datetime, post: Post) -> None:
    case = make_case()
    row = arrange.to_reporter(arrange.contact(case, now), now)
    ReportKey.objects.filter(report_id=case.report_id).delete()
    assert after_a_run(row, now) == ("cancelled", "erased")


def test_one_address_that_does_not_open_holds_up_nobody_and_is_tried_again(now: datetime, post: Post) -> None:
    case, user = make_case(), make_staff()
    row = arrange.to_reporter(arrange.contact(case, now), now)
    other = arrange.to_staff(user, now)
    key = ReportKey.objects.get(report_id=case.report_id)
    ReportKey.objects.filter(pk=key.pk).update(master="m9")  # of which this worker knows nothing
    assert after_a_run(row, now) == ("due", "cannot_read")
    assert after_a_run(other, now) == ("sent", "sent")
    ReportKey.objects.filter(pk=key.pk).update(master=key.master)
    assert after_a_run(row, row.next_attempt_at) == ("sent", "sent")


def test_a_person_who_forbade_it_is_no_failure_that_staff_must_hear_of(now: datetime, post: Post) -> None:
    case = make_case()
    make_staff("supervisor", side=case.side)
    after_a_run(arrange.to_reporter(arrange.contact(case, now, notify=False), now), now)
    assert OutboxMessage.objects.count() == 1
