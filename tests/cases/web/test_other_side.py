"""Staff of the other side see aggregates only: no list of theirs names a case, whatever happened to it, in any role."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cases.models import Case, OutboxMessage, User, VitalInterest
from cases.models.user import Role
from cases.web.urls import urlpatterns
from intake.models import Complaint, LegalHold, PartnerErasure
from tests.cases.arrange import opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.intake.filing import ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LISTS = sorted(pattern.name for pattern in urlpatterns if "<" not in str(pattern.pattern))
NAME = "Hidden-partner-of-the-other-side"


def eventful_case(now: datetime) -> Case:
    """Of Russia, and with a row in everything that has a list."""
    case = opened(now, handler="RU", story="Hidden story", identity={"name": "Hidden name"})
    owner, theirs = partner("RU"), staff("supervisor", "RU")
    owner.body.labels = {"en": NAME}
    owner.body.save()
    row = referral(case, owner, now, "accepted")
    Complaint.objects.create(report_id=case.report_id, made_at=now)
    LegalHold.objects.create(report_id=case.report_id, by_ref=theirs.pk, set_at=now, until=date(2027, 1, 1))
    VitalInterest.objects.create(case=case, partner=owner, asked_by=staff(side="RU"), asked_at=now)
    PartnerErasure.objects.create(report_id=case.report_id, body=owner.body, referral_ref=row.pk, asked_at=now)
    ready(case.report_id, now)
    for state in ("due", "dead", "sent", "cancelled"):
        OutboxMessage.objects.create(
            kind="urgent_case",
            case=case,
            audience="staff",
            channel="email",
            language="en",
            dedupe_key=uuid4().hex,
            state=state,
            next_attempt_at=now - timedelta(days=1),
            created_at=now,
        )
    Case.objects.filter(pk=case.pk).update(due_at=now - timedelta(days=1), due_kind="contact")
    return case


def seen_by(user: User) -> str:
    client = signed_in(user)
    addresses = [reverse(f"console:{name}") for name in LISTS]
    addresses += [f"{reverse('console:queue')}?tab={tab}" for tab in ("mine", "triage", "unrouted", "overdue", "all")]
    addresses += [f"{reverse('console:deliveries')}?tab={tab}" for tab in ("due", "dead", "sent", "cancelled")]
    answers = [client.get(address, follow=True) for address in addresses]
    return " ".join(answer.text for answer in answers if answer.status_code == 200)


@pytest.mark.parametrize("role", Role.values)
def test_no_list_names_a_case_or_a_partner_of_the_other_side(role: str, now: datetime) -> None:
    case = eventful_case(now)
    text = seen_by(staff(role))
    assert not [word for word in (case.reference, str(case.pk), str(case.report_id), NAME, "Hidden") if word in text]


def test_the_own_side_does_see_it_there(now: datetime) -> None:
    """Else the test above would pass on empty pages."""
    case = eventful_case(now)
    text = seen_by(staff("supervisor", "RU"))
    assert text.count(case.reference) >= 5 and NAME in text


def test_who_can_see_both_sides_figures_sees_no_case(now: datetime) -> None:
    case = eventful_case(now)
    text = signed_in(staff("working_group_member", directions=[1, 2, 3, 4])).get(reverse("console:figures")).text
    assert case.reference not in text
