"""Vital interest: two people, one partner, exactly these groups, the person told; and nothing without the second."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.actions.answer_referral import accept_referral
from cases.actions.case_row import locked_case
from cases.actions.heed_consent import heed_consent_step
from cases.actions.record import Actor
from cases.actions.triage import confirm_triage
from cases.actions.vital_interest import (
    approve_vital_interest,
    ask_vital_interest,
    end_vital_interest,
    put_off_telling,
    refuse_vital_interest,
    tell_person,
)
from cases.disclosure.consented import consented_view
from cases.errors import NotAllowed, NotFound, StaleObject
from cases.models import (
    Agreement,
    AgreementVersion,
    Case,
    PartnerOrganisation,
    Recusal,
    Referral,
    TimelineEvent,
    User,
    VitalInterest,
)
from cases.queries.vital_interest import vital_interests_of, waiting_vital_interests
from cases.routing.situation import case_facts
from intake.actions.change_consent import stop_sharing
from intake.actions.submit_report import ConsentEntry
from intake.errors import InvalidInput, ReportErased
from intake.models import Message, Report, ReportKey
from tests.cases.arrange import NOT_SHARED, acting, at_once, opened, partner, referral, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
REASON = "Canary: without insulin she dies tonight"


@pytest.fixture
def case(now: datetime) -> Case:
    return opened(now, category="DET", story="Canary story", identity={"name": "Canary name"}, consent=NOT_SHARED)


@pytest.fixture
def helper() -> PartnerOrganisation:
    return partner("AZ")


def ask(case: Case, owner: PartnerOrganisation, now: datetime, by: User | None = None, **given: Any) -> VitalInterest:
    values: dict[str, Any] = {"groups": ["identity"], "reason": REASON, "partner_id": owner.pk}
    return ask_vital_interest(case_id=case.pk, by=acting(by or staff()), now=now, **(values | given))


def approve(row: VitalInterest, now: datetime, by: User | None = None, **given: Any) -> VitalInterest:
    user = by or staff("supervisor")
    return approve_vital_interest(vital_id=row.pk, by=acting(user), now=now, **({"is_safe_to_tell": True} | given))


def seen(case: Case, owner: PartnerOrganisation, now: datetime) -> Any:
    row = Referral.objects.filter(case=case, partner=owner).first() or referral(case, owner, now, "accepted")
    row = Referral.objects.select_related("case", "partner__body", "agreement_version", "memorandum_version").get(
        pk=row.pk
    )
    return consented_view(row, now=now).view["data"]


def test_asking_alone_shows_nobody_anything(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    row = ask(case, helper, now)
    assert seen(case, helper, now) is None
    assert row.unseal(ReportKey.of(case.report_id), "reason") == REASON
    assert "Canary" not in str(VitalInterest.objects.values()) + str(TimelineEvent.objects.values("details"))


def test_approved_it_shows_exactly_these_groups_to_exactly_this_partner(
    case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    approve(ask(case, helper, now), now)
    data = seen(case, helper, now)
    Referral.objects.update(state="completed", ended_at=now)  # one partner at a time has a case
    other = seen(case, partner("AZ"), now)
    assert data["identity"] == {"name": "Canary name"}
    assert [data[name] for name in ("story", "contact", "family")] == [None, None, None]
    assert other is None


def test_who_asked_never_approves_also_as_a_supervisor(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    supervisor = staff("supervisor")
    row = ask(case, helper, now, by=supervisor)
    with pytest.raises(NotAllowed):
        approve(row, now, by=supervisor)
    with pytest.raises(IntegrityError), transaction.atomic():
        VitalInterest.objects.filter(pk=row.pk).update(approved_by=supervisor, approved_at=now)
    assert seen(case, helper, now) is None


@pytest.mark.parametrize(("role", "side", "error"), [("caseworker", "AZ", NotAllowed), ("supervisor", "RU", NotFound)])
def test_only_a_supervisor_of_the_own_side_approves(
    role: str, side: str, error: type[Exception], case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    row = ask(case, helper, now)
    with pytest.raises(error):
        approve(row, now, by=staff(role, side=side))
    with pytest.raises(error):
        ask(case, partner("AZ"), now, by=staff("auditor" if role == "caseworker" else role, side=side))


def test_who_knows_the_person_decides_nothing(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    supervisor = staff("supervisor")
    row = ask(case, helper, now)
    Recusal.objects.create(case=case, user=supervisor, at=now)
    assert waiting_vital_interests(supervisor, now.date()) == []
    with pytest.raises(NotFound):
        approve(row, now, by=supervisor)


@pytest.mark.parametrize(
    "given",
    [{"groups": []}, {"groups": ["everything"]}, {"reason": " "}, {"reason": "x" * 10_001}, {"partner_id": uuid4()}],
)
def test_what_cannot_be_asked_is_refused(
    given: dict[str, Any], case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    with pytest.raises(InvalidInput):
        ask(case, helper, now, **given)
    assert not VitalInterest.objects.exists()


def test_a_body_that_must_not_see_it_never_does(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    row = ask(case, helper, now)
    Report.objects.get(pk=case.report_id).must_not_see.add(helper.body)
    approve(row, now)
    assert seen(case, helper, now) is None
    with pytest.raises(InvalidInput):
        ask(opened(now, must_not_see=(helper.body_id,)), helper, now)


def test_twice_it_is_asked_once(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    ask(case, helper, now)
    with pytest.raises(InvalidInput):
        ask(case, helper, now)
    assert VitalInterest.objects.count() == 1


def test_a_decision_is_taken_once(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    row = approve(ask(case, helper, now), now)
    with pytest.raises(StaleObject):
        approve(row, now)
    with pytest.raises(StaleObject):
        refuse_vital_interest(vital_id=row.pk, by=acting(staff("supervisor")), now=now)


def test_refused_it_is_not_in_force(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    row = ask(case, helper, now)
    refuse_vital_interest(vital_id=row.pk, by=acting(staff("supervisor")), now=now)
    assert seen(case, helper, now) is None
    with pytest.raises(StaleObject):
        approve(row, now)


def test_the_person_is_told_on_their_page_by_the_name_of_the_organisation(
    case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    row = approve(ask(case, helper, now), now)
    notice = Message.objects.get(report_id=case.report_id, code="vital_interest")
    assert notice.organisation_id == helper.body_id
    assert VitalInterest.objects.get(pk=row.pk).told_at == now


def test_not_yet_safe_needs_a_day_and_stands_until_the_person_is_told(
    case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    supervisor, row = staff("supervisor"), ask(case, helper, now)
    with pytest.raises(InvalidInput):
        approve(row, now, by=supervisor, is_safe_to_tell=False)
    tomorrow = now.date() + timedelta(days=1)
    approve(row, now, by=supervisor, is_safe_to_tell=False, tell_on=tomorrow)
    assert not Message.objects.filter(code="vital_interest").exists()
    assert [one.pk for one in waiting_vital_interests(supervisor, tomorrow)] == [row.pk]
    put_off_telling(vital_id=row.pk, tell_on=tomorrow + timedelta(days=1), by=acting(supervisor), now=now)
    for _ in range(2):
        tell_person(vital_id=row.pk, by=acting(supervisor), now=now)
    assert Message.objects.filter(code="vital_interest").count() == 1
    assert waiting_vital_interests(supervisor, tomorrow) == []


@pytest.mark.parametrize("changes", [{"consent": NOT_SHARED}, {"about": "other", "subject_unaware": True}])
def test_the_case_may_be_offered_to_that_partner_alone(changes: dict[str, Any], now: datetime) -> None:
    case, owner, other = opened(now, **changes), partner("AZ"), partner("AZ")
    approve(ask(case, owner, now), now)
    facts = case_facts(case, now)
    assert facts.allows_offers
    assert facts.allows_offer_to(owner.pk, owner.body_id)
    assert not facts.allows_offer_to(other.pk, other.body_id)


@pytest.mark.parametrize("gone", ["withdrawn_at", "erased_at"])
def test_it_routes_nothing_of_a_report_that_was_taken_back_a_moment_ago(
    gone: str, case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    """The case has not heard of it yet."""
    approve(ask(case, helper, now), now)
    Report.objects.filter(pk=case.report_id).update(**{gone: now})
    decision: dict[str, Any] = {"category": case.category_id, "subcode": "", "urgency": 1, "next_step": "route"}
    with pytest.raises(InvalidInput) as refused:
        confirm_triage(case_id=case.pk, by=acting(staff()), now=now, **decision)
    assert list(refused.value.fields) == ["next_step"]


def test_across_the_border_it_holds_too_and_after_accepting_nobody_is_asked(now: datetime) -> None:
    case, owner = opened(now, category="DET", consent=NOT_SHARED), partner("RU")
    approve(ask(case, owner, now), now)
    row = referral(case, owner, now)
    chain = Agreement.objects.create(slug="memorandum", kind="memorandum")
    AgreementVersion.objects.create(
        agreement=chain, number=1, valid_from=now.date(), valid_until=now.date(), timezone="Asia/Baku"
    )
    accept_referral(referral_id=row.pk, partner_id=owner.pk, by=Actor("partner", owner.pk), now=now)
    case.refresh_from_db()
    assert case.state == "accepted"


def test_the_persons_no_takes_it_from_others_and_is_shown_to_who_decides(
    case: Case, helper: PartnerOrganisation, now: datetime
) -> None:
    case = opened(now, consent=ConsentEntry(share="any", groups=frozenset({"story"}), text_version=1))
    approve(ask(case, helper, now), now)
    kept, taken = referral(case, helper, now, "accepted"), referral(case, partner("AZ"), now)
    later = now + timedelta(minutes=1)
    assert not vital_interests_of(case, None)[0].has_said_no
    stop_sharing(report_id=case.report_id, now=later)
    with transaction.atomic():
        heed_consent_step(case=locked_case(case.pk), now=later)
    kept.refresh_from_db(), taken.refresh_from_db()
    assert (kept.state, taken.state) == ("accepted", "withdrawn")
    assert vital_interests_of(case, None)[0].has_said_no
    assert seen(case, helper, later)["story"] is None
    assert seen(case, helper, later)["identity"] is not None


@pytest.mark.parametrize(
    "changes",
    [{"consent": NOT_SHARED}, {"about": "other", "subject_unaware": True}, {"consent": ConsentEntry()}],
)
def test_ended_it_is_taken_back_and_the_partner_must_erase(changes: dict[str, Any], now: datetime) -> None:
    case, owner = opened(now, identity={"name": "Canary name"}, **changes), partner("AZ")
    row = approve(ask(case, owner, now), now)
    held = referral(case, owner, now, "accepted")
    end_vital_interest(vital_id=row.pk, by=acting(staff("supervisor")), now=now)
    held.refresh_from_db(), case.refresh_from_db()
    assert (held.state, held.withdrawal_reason) == ("withdrawn", "consent_withdrawn")
    assert case.state in {"triage", "routing", "in_progress"}
    assert seen(case, owner, now) is None
    with pytest.raises(StaleObject):
        end_vital_interest(vital_id=row.pk, by=acting(staff("supervisor")), now=now)


def test_what_consent_allows_stays_when_it_ends(now: datetime, helper: PartnerOrganisation) -> None:
    case = opened(now, consent=ConsentEntry(share="any", groups=frozenset({"story"}), text_version=1))
    row = approve(ask(case, helper, now), now)
    held = referral(case, helper, now, "accepted")
    end_vital_interest(vital_id=row.pk, by=acting(staff("supervisor")), now=now)
    held.refresh_from_db()
    assert held.state == "accepted"
    assert seen(case, helper, now)["identity"] is None


def test_an_erased_report_has_no_vital_interest(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    row = ask(case, helper, now)
    ReportKey.objects.all().delete()
    with pytest.raises(ReportErased):
        approve(row, now)


def test_every_step_is_on_the_timeline_in_codes(case: Case, helper: PartnerOrganisation, now: datetime) -> None:
    supervisor = staff("supervisor")
    row = approve(ask(case, helper, now), now, by=supervisor)
    end_vital_interest(vital_id=row.pk, by=acting(supervisor), now=now)
    codes = [code for code in TimelineEvent.objects.values_list("code", flat=True) if code.startswith("vital")]
    assert codes == [f"vital_interest_{act}" for act in ("asked", "approved", "told", "ended")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_supervisors_at_once_approve_once(now: datetime) -> None:
    case, owner = opened(now, consent=NOT_SHARED), partner("AZ")
    row, supervisors = ask(case, owner, now), [staff("supervisor") for _ in range(2)]

    def decide() -> str:
        try:
            approve(row, timezone.now(), by=supervisors.pop())
        except StaleObject:
            return "late"
        return "approved"

    assert sorted(at_once(2, decide)) == ["approved", "late"]
    assert Message.objects.filter(code="vital_interest").count() == 1
