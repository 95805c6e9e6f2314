"""The demo is made through the same actions as real cases and keeps every rule that they keep."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from cases.actions.record import verify_chain
from cases.models import Agreement, Case, PartnerOrganisation, Referral, User, append_only
from cases.models.user import Role
from cases.workflow import ASSIGNED, LOAD
from intake.models import Report
from seeds.demo import DemoRefused, make_demo, move_forward
from seeds.demo.source import SHOWCASE_PARTNER, read
from seeds.demo.variations import varied_reports
from seeds.reference import load_reference

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_the_demo_keeps_the_rules() -> None:
    """One test, because making the demo takes seconds."""
    load_reference()
    make_demo(now=NOW)

    assert Report.objects.count() == Case.objects.count() == 100
    in_russia = Case.objects.filter(country="RU", citizenship="AZ").count()
    assert 65 <= in_russia <= 90  # about four in five
    overloaded = PartnerOrganisation.objects.annotate(
        load=Count("referrals", filter=Q(referrals__state__in=LOAD))
    ).filter(load__gt=F("capacity"))
    assert not overloaded.exists()
    assigned = Referral.objects.filter(partner__slug=SHOWCASE_PARTNER, state__in=ASSIGNED)
    assert assigned.count() >= 3  # the printed curl line shows them
    assert Referral.objects.filter(state="offered").exists()
    assert {"accepted", "declined", "expired", "withdrawn"} <= set(Referral.objects.values_list("state", flat=True))
    assert {"unrouted", "triage", "accepted"} <= set(Case.objects.values_list("state", flat=True))
    assert all(verify_chain(pk) for pk in Case.objects.values_list("pk", flat=True))
    assert not Report.objects.filter(received_at__gt=NOW).exists()

    for side in ("AZ", "RU"):
        roles = {role for user in User.objects.filter(side=side) for role in user.roles}
        assert roles == set(Role.values)
    assert not any(user.has_usable_password() for user in User.objects.all())
    memoranda = Agreement.objects.filter(kind="memorandum")
    assert sorted(memorandum.versions.get().is_valid(NOW) for memorandum in memoranda) == [False, True]

    with pytest.raises(DemoRefused):
        make_demo(now=NOW)

    later = NOW + timedelta(days=9, hours=3)
    due_before = dict(Case.objects.values_list("pk", "triage_due_at"))
    shift = move_forward(now=later)
    assert shift.days in (8, 9)
    assert all(case.triage_due_at - due_before[case.pk] == shift for case in Case.objects.all())
    assert all(verify_chain(pk) for pk in Case.objects.values_list("pk", flat=True))
    assert move_forward(now=later) == timedelta(0)
    assert append_only.unguarded(connection) == [], "lifted for the move only"


@pytest.mark.django_db
def test_timelines_are_not_moved_outside_the_demo(settings: Any) -> None:
    settings.TESTING = settings.DEMO = False
    with pytest.raises(DemoRefused):
        move_forward(now=NOW)


def test_no_two_invented_stories_are_alike() -> None:
    stories = [row["story"] for row in [*read("reports"), *varied_reports()]]
    assert max(Counter(stories).values()) == 1
    assert len(stories) == 100


def test_the_demo_addresses_nobody_real() -> None:
    for row in [*read("partners"), *read("staff")]:
        assert row["email"].endswith("@example.org")
    for row in [*read("reports"), *varied_reports()]:
        contact = row["contact"]
        if contact and contact["value"]:
            assert contact["value"].startswith(("+7 900 000-00-", "+994 50 000 00 ")) or contact["value"].endswith(
                "@example.org"
            )
