"""A report becomes a case: side, urgency with reasons, clocks, the way on, the alarm."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cases.actions.open_case import responsible_side
from cases.models import DutyAlert, OutboxMessage, TimelineEvent
from intake.models import PublicStatus
from tests.cases.arrange import NOT_SHARED, on_duty, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # two in the morning in Baku


def test_an_ordinary_report_waits_for_triage_with_its_clock(now: datetime) -> None:
    case = opened(now)
    assert (case.state, case.urgency, case.side) == ("triage", 3, "AZ")
    assert case.triage_due_at == case.due_at == now + timedelta(hours=24)
    assert case.routing_wanted_at is None and not OutboxMessage.objects.exists()


def test_the_timeline_says_how_it_began(now: datetime) -> None:
    case = opened(now)
    events = TimelineEvent.objects.filter(case=case).order_by("sequence")
    assert [(event.code, event.actor) for event in events] == [
        ("report_received", "reporter"),
        ("case_opened", "system"),
        ("urgency_computed", "system"),
        ("responsible_side_set", "system"),
    ]


@pytest.mark.parametrize(
    ("channel", "actor"), [("web", "reporter"), ("phone", "staff"), ("partner", "partner"), ("api", "partner")]
)
def test_it_says_who_filed_the_report(channel: str, actor: str, now: datetime) -> None:
    source = None if channel == "web" else uuid4()
    case = opened(now, channel=channel, source_ref=source)
    event = TimelineEvent.objects.get(case=case, code="report_received")
    assert (event.actor, event.actor_ref) == (actor, source)


def test_the_reasons_for_the_urgency_are_stored(now: datetime) -> None:
    case = opened(now, answers={"held": "yes", "need": "yes", "need_what": ["medicine"]})
    assert (case.urgency, case.computed_urgency) == (1, 1)
    assert [(reason["code"], reason["version"]) for reason in case.urgency_reasons] == [
        ("detained_now", 1),
        ("medical", 1),
    ]


def test_the_subcode_can_make_it_more_urgent_than_its_category(now: datetime) -> None:
    assert opened(now, category="HAT", subcode="ATTACK").urgency == 1


def test_policy_routes_what_is_urgent_at_once(now: datetime) -> None:
    case = opened(now, category="SAF", subcode="DOMESTIC")
    assert (case.state, case.routing_wanted_at) == ("routing", now)
    assert case.due_kind == "triage"  # somebody confirms afterwards all the same


def test_against_the_persons_will_nothing_is_routed(now: datetime) -> None:
    case = opened(now, category="SAF", subcode="DOMESTIC", consent=NOT_SHARED)
    assert (case.state, case.routing_wanted_at, case.share) == ("triage", None, "none")


def test_nothing_is_routed_behind_the_back_of_the_person_concerned(now: datetime) -> None:
    case = opened(now, category="SAF", about="other", subject_unaware=True)
    assert (case.state, case.routing_wanted_at) == ("triage", None)


def test_the_person_on_duty_is_alerted_to_an_urgent_case(now: datetime) -> None:
    person = staff("caseworker")
    staff("supervisor")
    on_duty(person, now)
    case = opened(now, category="DET", subcode="POLICE")
    message = OutboxMessage.objects.get()
    assert (message.kind, message.user_id, message.lane) == ("urgent_case", person.pk, OutboxMessage.Lane.URGENT)
    assert message.params == {"reference": case.reference, "urgency": 1}
    alert = DutyAlert.objects.get()
    assert (alert.case_id, alert.user_id, alert.sent_at) == (case.pk, person.pk, now)
    assert case.last_event == "alert_sent"


def test_if_nobody_is_on_duty_all_supervisors_of_the_side_are_alerted(now: datetime) -> None:
    first, second = staff("supervisor"), staff("supervisor")
    staff("supervisor", side="RU")
    staff("supervisor", is_active=False)
    staff("administrator")
    opened(now, category="DET", subcode="POLICE")
    assert {message.user_id for message in OutboxMessage.objects.all()} == {first.pk, second.pk}


def test_at_night_the_second_urgency_alerts_too(now: datetime) -> None:
    staff("supervisor")
    opened(now, category="HLT", subcode="PREGNANT")
    assert not DutyAlert.objects.exists()
    opened(NIGHT, category="HLT", subcode="PREGNANT")
    assert DutyAlert.objects.exists()


def test_the_reporter_reads_where_the_case_stands_and_until_when(now: datetime) -> None:
    case = opened(now)
    status = PublicStatus.objects.get(report_id=case.report_id)
    assert (status.code, status.expected_by) == ("triage", case.triage_due_at)


@pytest.mark.parametrize(
    ("age_band", "answers", "expected"),
    [
        ("14_17", {"child": "no"}, "yes"),
        ("25_39", {"child": "yes"}, "yes"),
        ("25_39", {"child": "unknown"}, "unknown"),
        ("25_39", {"child": "no"}, "no"),
        ("", {}, ""),
    ],
)
def test_whether_a_child_is_affected(age_band: str, answers: dict[str, str], expected: str, now: datetime) -> None:
    assert opened(now, age_band=age_band, answers=answers).child == expected


def test_nothing_a_person_wrote_is_in_the_case_or_its_trail(now: datetime) -> None:
    case = opened(now, category="DET", story="Canary story", identity={"name": "Canary"}, actor_name="Canary actor")
    rows = [*TimelineEvent.objects.values(), *OutboxMessage.objects.values(), case.__dict__]
    assert "Canary" not in str(rows)


@pytest.mark.parametrize(
    ("handler", "citizenship", "country", "side", "because"),
    [
        ("AZ", "RU", "RU", "AZ", "handler"),
        ("RU", "AZ", "AZ", "RU", "handler"),
        ("any", "AZ", "RU", "AZ", "citizenship"),
        ("", "RU", "AZ", "RU", "citizenship"),
        ("", "GE", "RU", "RU", "country"),
        ("any", "XX", "AZ", "AZ", "country"),
        ("", "", "RU", "RU", "country"),
        ("", "", "TR", "AZ", "first"),
    ],
)
def test_the_responsible_side(handler: str, citizenship: str, country: str, side: str, because: str) -> None:
    found = responsible_side(handler, citizenship, country)
    assert (found.side, found.because) == (side, because)
