"""A partner that has one of two linked, grouped and merged cases reads nothing of the other one, anywhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.link_cases import decide_link
from cases.actions.merge_cases import merge_cases
from cases.models import Case, CaseGroup
from tests.cases.api.calling import agreed_partner, api, referred, told_case
from tests.cases.arrange import acting, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def put_together(other: Case, case: Case, now: datetime) -> None:
    who: dict[str, Any] = {"by": acting(staff()), "now": now}
    for kind in ("same_person", "same_incident", "same_actor"):
        decide_link(case_id=other.pk, other_id=case.pk, kind=kind, state="confirmed", **who)
    group = group_cases(case_id=other.pk, other_id=case.pk, **who)
    write_group_note(group_id=group.pk, text="Shared words", **who)
    merge_cases(case_id=other.pk, into_id=case.pk, **who)


@pytest.mark.parametrize("state", ["offered", "accepted"])
def test_every_answer_is_the_same_as_before(state: str) -> None:
    now = timezone.now() - timedelta(hours=1)
    caller = api(agreed_partner())
    referral, other = referred(caller, state, now), told_case(now, story="Other words", region="RU-SPE")
    places = ["referrals/", f"referrals/{referral.pk}/", "cases/", "changes/", f"cases/{referral.case.reference}/"]
    before = [caller.get(place) for place in places]
    put_together(other, referral.case, now)
    after = [caller.get(place) for place in places]
    assert [answer.status_code for answer in after] == [answer.status_code for answer in before]
    read = "".join(answer.content.decode() for answer in after)
    assert referral.case.reference in read
    for secret in (other.reference, other.pk, other.report_id, CaseGroup.objects.get().pk, "Other words", "Shared"):
        assert str(secret) not in read
