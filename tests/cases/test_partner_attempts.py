"""A partner's attempts count towards lost contact by the person's own rules; it is not told which do."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.complete_referral import complete_referral
from cases.actions.end_case import resolve_case
from cases.actions.log_attempt import log_attempt
from cases.actions.record import Actor
from cases.actions.record_contact import record_contact
from cases.models import AgreementVersion, Case, ContactAttempt, Referral, TimelineEvent, VitalInterest
from cases.queries.attempts import Attempts, attempts_of
from intake.actions.entry import ConsentEntry, ContactEntry
from intake.errors import InvalidInput
from intake.models import Report, SafeContact
from intake.queries import current_contact
from tests.cases.arrange import acting, in_state, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PHONE = ContactEntry(
    method="phone", value="+7 900 555 12 34", timezone="Europe/Moscow", hours_from="09:00", hours_until="18:00"
)


def in_hand(now: datetime, groups: frozenset[str] = frozenset({"identity", "contact"}), **changes: Any) -> Referral:
    """A case that a partner has accepted, with a contact that it may see."""
    consent = ConsentEntry(share="any", cross_border="yes", groups=groups, text_version=1)
    case = opened(now, **({"contact": PHONE, "consent": consent} | changes))
    row = referral(case, partner(), now, "accepted")
    AgreementVersion.objects.update(data_groups=["identity", "contact", "story"])
    return row


def told(row: Referral, at: datetime, reached: str = "no", *, channel: str = "phone", by: Actor | None = None) -> None:
    by = by or Actor("partner", row.partner_id)
    record_contact(referral_id=row.pk, at=at, channel=channel, reached=reached, by=by, now=at)


def count(row: Referral, now: datetime) -> Attempts:
    case = Case.objects.get(pk=row.case_id)
    return attempts_of(case, current_contact(case.report_id), now)


def test_three_safe_ones_on_three_days_and_not_one_fewer_however_they_were_told(now: datetime) -> None:
    row, user = in_hand(now), staff()
    told(row, now + HOUR)
    told(row, now + DAY, by=acting(user))
    with pytest.raises(InvalidInput):
        resolve_case(case_id=row.case_id, outcome="lost_contact", by=acting(user), now=now + DAY)
    told(row, now + 2 * DAY)
    assert resolve_case(case_id=row.case_id, outcome="lost_contact", by=acting(user), now=now + 2 * DAY)


def test_ours_and_theirs_add_up_and_each_says_whose_it_is(now: datetime) -> None:
    row, user = in_hand(now), staff()
    told(row, now + HOUR)
    told(row, now + DAY, by=acting(user))
    log_attempt(case_id=row.case_id, channel="phone", result="no_answer", by=acting(user), now=now + 2 * DAY)
    found = count(row, now + 2 * DAY)
    assert (found.counted, found.missing) == (3, 0)
    assert [one.who for one in found.rows] == [
        "Canary-staff",
        "Invented partner · Canary-staff",
        "Invented partner",
    ]


@pytest.mark.parametrize(
    ("hours", "channel", "reached"),
    [(9, "phone", "no"), (1, "sms", "no"), (1, "in_person", "no"), (1, "phone", "unsafe")],
)
def test_what_the_persons_rules_do_not_allow_is_kept_and_does_not_count(
    hours: int, channel: str, reached: str, now: datetime
) -> None:
    row = in_hand(now)
    at = now + timedelta(hours=hours)
    told(row, at, reached, channel=channel)
    assert ContactAttempt.objects.count() == 1 and count(row, at).counted == 0


def test_an_attempt_without_the_persons_leave_to_pass_the_contact_on_was_not_safe(now: datetime) -> None:
    row = in_hand(now, frozenset({"identity"}))
    told(row, now + HOUR)
    assert not ContactAttempt.objects.get().was_safe and count(row, now + HOUR).counted == 0


def test_nor_one_that_the_papers_do_not_cover_but_one_for_vital_interest_was(now: datetime) -> None:
    row = in_hand(now)
    AgreementVersion.objects.update(data_groups=["identity"])
    told(row, now + HOUR)
    VitalInterest.objects.create(
        case_id=row.case_id,
        partner_id=row.partner_id,
        groups=["contact"],
        asked_by=staff(),
        approved_by=staff("supervisor"),
        asked_at=now,
        approved_at=now,
    )
    told(row, now + 2 * HOUR)
    assert list(ContactAttempt.objects.order_by("at").values_list("was_safe", flat=True)) == [False, True]


def test_nor_one_after_the_report_was_taken_back_though_the_case_has_not_heard_yet(now: datetime) -> None:
    row = in_hand(now)
    Report.objects.update(withdrawn_at=now + HOUR)
    told(row, now + 2 * HOUR)
    assert not ContactAttempt.objects.get().was_safe


def test_it_was_safe_by_the_rules_of_its_own_time_not_by_todays(now: datetime) -> None:
    row = in_hand(now)
    SafeContact.objects.update(created_at=now)
    SafeContact.objects.create(report_id=row.case.report_id, never_contact=True, timezone="UTC", created_at=now + DAY)
    told(row, now + HOUR)
    told(row, now + DAY + HOUR)
    assert list(ContactAttempt.objects.order_by("at").values_list("was_safe", flat=True)) == [True, False]


def test_that_the_partner_reached_the_person_begins_the_count_anew(now: datetime) -> None:
    row = in_hand(now)
    told(row, now + HOUR)
    told(row, now + DAY, "yes")
    told(row, now + 2 * DAY)
    assert count(row, now + 2 * DAY).counted == 1


def test_said_again_it_is_the_same_attempt(now: datetime) -> None:
    row = in_hand(now)
    for by in (None, None, acting(staff())):
        told(row, now + HOUR, "unsafe", by=by)
    assert ContactAttempt.objects.count() == TimelineEvent.objects.filter(code="partner_attempted").count() == 1


def test_who_heard_of_it_is_kept_and_nothing_of_the_person(now: datetime) -> None:
    row, user = in_hand(now), staff()
    told(row, now + HOUR)
    told(row, now + 2 * HOUR, by=acting(user))
    kept = ContactAttempt.objects.order_by("at").values_list("by", "referral", "channel", "result")
    assert list(kept) == [(None, row.pk, "phone", "no_answer"), (user.pk, row.pk, "phone", "no_answer")]
    details = TimelineEvent.objects.filter(code="partner_attempted").first().details  # type: ignore[union-attr]
    assert set(details) == {"referral", "partner", "attempt", "safe", "channel", "reached", "attempted_at"}


def in_service(now: datetime) -> Referral:
    row = in_hand(now)
    in_state(row.case, "in_progress")
    Referral.objects.update(state="in_service")
    return row


@pytest.mark.parametrize("by_telephone", [False, True])
def test_nor_does_a_partner_end_it_with_lost_contact_before(by_telephone: bool, now: datetime) -> None:
    row = in_service(now)
    by = acting(staff()) if by_telephone else Actor("partner", row.partner_id)

    def ended(at: datetime, outcome: str = "lost_contact") -> Referral:
        return complete_referral(referral_id=row.pk, outcome=outcome, summary="", by=by, now=at)

    for days in (0, 1):
        told(row, now + HOUR + days * DAY)
        with pytest.raises(InvalidInput) as refused:
            ended(now + HOUR + days * DAY)
        assert list(refused.value.fields) == ["outcome"]
        assert not any(sign.isdigit() for sign in str(refused.value.fields["outcome"][0])), "not told which count"
    assert Referral.objects.get().state == "in_service" and Case.objects.get().outcome == ""
    told(row, now + HOUR + 2 * DAY)
    assert ended(now + HOUR + 2 * DAY).outcome == Case.objects.get().outcome == "lost_contact"


def test_every_other_outcome_needs_no_attempt(now: datetime) -> None:
    row = in_service(now)
    by = Actor("partner", row.partner_id)
    assert complete_referral(referral_id=row.pk, outcome="client_withdrew", summary="", by=by, now=now)
