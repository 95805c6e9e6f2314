"""What a partner sees, row by row of domain.md §9, and that none of a person's words are anywhere else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import AgreementVersion, Case, PartnerChange, Referral
from intake.actions.change_consent import answer_consent_request, ask_consent, stop_sharing
from intake.actions.entry import ContactEntry
from intake.models import AccessRecord, Report, ReportKey
from intake.queries import current_contact
from tests.cases import arrange
from tests.cases.api.calling import (
    ACTOR,
    CANARIES,
    CONTACT,
    FAMILY,
    GROUPS,
    NAME,
    PHONE,
    SAFE_WORD,
    STORY,
    Api,
    agreed_partner,
    api,
    consent,
    referred,
)

pytestmark = pytest.mark.django_db
OFFER = {
    "category",
    "urgency",
    "urgency_rules",
    "country",
    "region",
    "language",
    "deadlines",
    "age_band",
    "child",
    "gender",
    "summary",
}
ENVELOPE = {
    "id",
    "reference",
    "url",
    "case_url",
    "state",
    "reason",
    "is_tombstone",
    "offered_at",
    "answer_due_at",
    "answered_at",
    "contact_due_at",
    "contacted_at",
    "ended_at",
    "updated_at",
}
ENDED = ("declined", "expired", "withdrawn", "returned", "transferred")


def seen(caller: Api, referral: Referral) -> Any:
    answer = caller.get(f"referrals/{referral.pk}/")
    assert answer.status_code == 200
    return answer.json()


def found_in(text: str) -> list[str]:
    return [word for word in CANARIES if word in text]


# --- before accepting -----------------------------------------------------------------------------------------------


def test_an_offer_has_exactly_the_fields_of_the_table(caller: Api) -> None:
    referred(caller)
    (listed,) = caller.get("referrals/").json()["results"]
    assert set(listed) == OFFER | ENVELOPE
    assert (listed["urgency"], listed["region"], listed["age_band"]) == ("U3", "RU-MOW", "25_39")


def test_the_single_offer_adds_moves_and_no_data(caller: Api) -> None:
    single = seen(caller, referred(caller))
    assert set(single) == OFFER | ENVELOPE | {"awaiting_consent", "data", "moves"}
    assert (single["data"], single["moves"]) == (None, ["accept", "decline"])


def test_nothing_a_person_wrote_is_in_an_offer(caller: Api) -> None:
    referral = referred(caller)
    texts = [
        caller.get(path).content.decode()
        for path in ("referrals/", f"referrals/{referral.pk}/", "changes/", "cases/", "me/")
    ]
    assert found_in("".join(texts)) == []


def test_an_offer_leaves_no_access_record(caller: Api) -> None:
    seen(caller, referred(caller))
    assert not AccessRecord.objects.exists()


def test_the_summary_is_made_of_codes_in_the_readers_language(caller: Api) -> None:
    referred(caller)
    (listed,) = caller.get("referrals/", **{"accept-language": "ru"}).json()["results"]
    assert listed["summary"].startswith("Оплата и условия труда · Москва")
    assert "25–39" in listed["summary"]


def test_a_caseworkers_line_stands_in_the_single_offer_only(caller: Api) -> None:
    referral = referred(caller)
    case = Case.objects.get(pk=referral.case_id)
    case.seal(ReportKey.of(case.report_id), summary="Builder without papers").save()
    assert seen(caller, referral)["summary"] == "Builder without papers"
    assert "Builder" not in caller.get("referrals/").content.decode()


def test_of_a_fired_rule_the_code_is_said_and_not_the_answer(caller: Api) -> None:
    referred(caller, category="DET", answers={"held": "yes", "held_where": "centre"})
    (listed,) = caller.get("referrals/").json()["results"]
    assert "detained_now" in listed["urgency_rules"]
    assert "centre" not in json.dumps(listed)


# --- after accepting ------------------------------------------------------------------------------------------------


def test_after_accepting_the_consented_groups_are_shown(caller: Api) -> None:
    data = seen(caller, referred(caller, "accepted"))["data"]
    assert data["identity"] == {"name": NAME}
    assert data["story"]["text"] == STORY
    assert data["story"]["alleged_actor"] == {"kind": "employer", "name": ACTOR}
    assert data["family"] == FAMILY
    assert (data["contact"]["value"], data["contact"]["safe_word"]) == (PHONE, SAFE_WORD)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_needs_its_own_consent(caller: Api, group: str) -> None:
    without = tuple(other for other in GROUPS if other != group)
    data = seen(caller, referred(caller, "accepted", consent=consent(groups=without)))["data"]
    assert data[group] is None
    assert all(data[other] is not None for other in without)


def test_five_empty_boxes_show_nothing(caller: Api) -> None:
    single = seen(caller, referred(caller, "accepted", consent=consent(groups=())))
    assert set(single["data"].values()) == {None}
    assert found_in(json.dumps(single)) == []


def test_the_agreement_limits_what_may_be_seen(caller: Api) -> None:
    referral = referred(caller, "accepted")
    AgreementVersion.objects.update(data_groups=["story"])
    data = seen(caller, referral)["data"]
    assert {group for group, value in data.items() if value is not None} == {"story"}


def test_the_memorandum_limits_it_too(caller: Api) -> None:
    referral = referred(caller, "accepted")
    other = agreed_partner()
    AgreementVersion.objects.filter(agreement__partner=other).update(data_groups=["family"])
    Referral.objects.update(memorandum_version=AgreementVersion.objects.get(agreement__partner=other))
    data = seen(caller, referral)["data"]
    assert {group for group, value in data.items() if value is not None} == {"family"}


@pytest.mark.parametrize("share", ["ask_first", ""])
def test_ask_first_shows_nothing_until_the_person_says_yes_to_this_partner(caller: Api, share: str) -> None:
    referral = referred(caller, "accepted", consent=consent(share=share))
    before = seen(caller, referral)
    assert (before["awaiting_consent"], before["data"]) == (True, None)
    assert found_in(json.dumps(before)) == []
    answered(referral, "yes")
    after = seen(caller, referral)
    assert (after["awaiting_consent"], after["data"]["identity"]) == (False, {"name": NAME})


def test_a_no_to_this_partner_is_a_no(caller: Api) -> None:
    referral = referred(caller, "accepted", consent=consent(share="ask_first"))
    answered(referral, "no")
    single = seen(caller, referral)
    assert (single["awaiting_consent"], single["data"]) == (False, None)


def answered(referral: Referral, answer: str) -> None:
    now = timezone.now()
    body, report = referral.partner.body_id, referral.case.report_id
    request = ask_consent(report_id=report, body_id=body, now=now)
    answer_consent_request(report_id=report, request_id=request.pk, answer=answer, now=now)


def test_withdrawn_consent_ends_the_view_at_the_next_request(caller: Api) -> None:
    referral = referred(caller, "accepted")
    assert seen(caller, referral)["data"] is not None
    stop_sharing(report_id=referral.case.report_id, now=timezone.now())
    single = seen(caller, referral)
    assert single["data"] is None
    assert found_in(json.dumps(single)) == []


def test_a_partner_across_the_border_needs_that_consent() -> None:
    across = api(agreed_partner(side="RU"))
    closed = referred(across, "accepted", consent=consent(cross_border=""))
    assert seen(across, closed)["data"] is None
    opened = referred(across, "accepted", consent=consent(cross_border="yes"))
    assert seen(across, opened)["data"] is not None


def test_a_body_that_the_person_excluded_sees_nothing(caller: Api) -> None:
    referral = referred(caller, "accepted")
    Report.objects.get(pk=referral.case.report_id).must_not_see.add(referral.partner.body_id)
    assert seen(caller, referral)["data"] is None


@pytest.mark.parametrize("gone", ["erased_at", "withdrawn_at"])
def test_a_report_taken_back_is_closed_before_cases_heard_of_it(caller: Api, gone: str) -> None:
    referral = referred(caller, "accepted")
    Report.objects.update(**{gone: timezone.now()})
    assert seen(caller, referral)["data"] is None


def test_a_destroyed_key_is_no_fault(caller: Api) -> None:
    referral = referred(caller, "accepted")
    ReportKey.objects.all().delete()
    assert seen(caller, referral)["data"] is None


def test_lists_of_accepted_cases_hold_nothing_personal(caller: Api) -> None:
    referred(caller, "accepted")
    answer = caller.get("cases/")
    assert set(answer.json()["results"][0]) == OFFER | ENVELOPE
    assert found_in(answer.content.decode() + caller.get("referrals/").content.decode()) == []


# --- contact --------------------------------------------------------------------------------------------------------


def contact_of(caller: Api, **changes: Any) -> Any:
    return seen(caller, referred(caller, "accepted", **changes))["data"]["contact"]


def test_contact_never_comes_without_its_rules(caller: Api) -> None:
    contact = contact_of(caller)
    rules = {"days", "hours_from", "hours_until", "timezone", "device_shared", "may_leave_message", "valid_until"}
    assert rules | {"cover_name", "safe_word", "is_safe_now", "next_safe_at", "never_contact"} <= set(contact)
    assert contact["reach_by"] == "contact"


def test_never_contact_has_no_value(caller: Api) -> None:
    referral = referred(caller, "accepted")
    row = current_contact(referral.case.report_id)
    assert row is not None
    row.never_contact = True
    row.save()
    contact = seen(caller, referral)["data"]["contact"]
    assert (contact["reach_by"], contact["value"], contact["never_contact"]) == ("mailbox", None, True)
    assert found_in(json.dumps(contact)) == []


def test_a_contact_that_ran_out_has_no_value(caller: Api) -> None:
    referral = referred(caller, "accepted")
    row = current_contact(referral.case.report_id)
    assert row is not None
    row.valid_until = (timezone.now() - timedelta(days=2)).date()
    row.save()
    contact = seen(caller, referral)["data"]["contact"]
    assert (contact["reach_by"], contact["value"], contact["never_contact"]) == ("mailbox", None, False)


THEIRS = ContactEntry(method="phone", value="+994501112233", safe_word="canary-theirs", timezone="Asia/Baku")
NEVER = ContactEntry(never_contact=True, timezone="Asia/Baku")


@pytest.mark.parametrize(
    ("about", "theirs", "agreed", "shown"),
    [
        ("other", THEIRS, GROUPS, ("contact", "+994501112233", False)),
        ("other", THEIRS, None, ("mailbox", None, False)),  # they have not said what may be passed on
        ("other", NEVER, GROUPS, ("mailbox", None, True)),
        ("other", NEVER, None, ("mailbox", None, True)),  # that they must not be contacted is said always
        ("other", None, GROUPS, None),
    ],
)
def test_how_to_reach_the_person_concerned_is_said_as_they_let_it(
    caller: Api, about: str, theirs: ContactEntry | None, agreed: tuple[str, ...] | None, shown: Any
) -> None:
    own = consent(groups=agreed) if agreed else None
    contact = contact_of(caller, about=about, subject_contact=theirs, subject_consent=own)
    assert contact["value"] == PHONE
    way = contact["person_concerned"]
    assert shown == (way and (way["reach_by"], way["value"], way["never_contact"]))


def test_who_is_concerned_and_shares_no_contact_hides_also_that_of_who_wrote(caller: Api) -> None:
    own = consent(groups=("story",))
    assert contact_of(caller, about="other", subject_contact=THEIRS, subject_consent=own) is None


def test_without_a_contact_the_page_is_the_way(caller: Api) -> None:
    contact = contact_of(caller, contact=None)
    assert (contact["reach_by"], contact["value"]) == ("mailbox", None)


def test_outside_the_safe_hours_the_next_ones_are_named(caller: Api) -> None:
    moment = timezone.localtime(timezone.now())
    opens, closes = moment + timedelta(hours=2), moment + timedelta(hours=3)
    entry = CONTACT.__class__(
        method="phone", value=PHONE, timezone="UTC", hours_from=f"{opens:%H:%M}", hours_until=f"{closes:%H:%M}"
    )
    contact = contact_of(caller, contact=entry)
    assert contact["is_safe_now"] is False
    assert contact["next_safe_at"].endswith("Z")


# --- when it ended --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ENDED)
def test_what_ended_is_a_tombstone(caller: Api, state: str) -> None:
    referral = referred(caller, "accepted")
    Referral.objects.update(state=state, ended_at=timezone.now())
    single = seen(caller, referral)
    (listed,) = caller.get("referrals/").json()["results"]
    assert single["is_tombstone"] and listed["is_tombstone"]
    assert single["data"] is None
    assert {single[name] for name in OFFER - {"urgency_rules"}} == {None}
    assert found_in(json.dumps([single, listed])) == []
    assert caller.get(f"cases/{referral.case.reference}/").status_code == 404


def test_a_completed_case_can_be_read_for_thirty_days(caller: Api) -> None:
    referral = referred(caller, "accepted")
    Referral.objects.update(state="completed", ended_at=timezone.now() - timedelta(days=29))
    assert caller.get(f"cases/{referral.case.reference}/").json()["data"]["family"] == FAMILY
    assert len(caller.get("cases/").json()["results"]) == 1
    Referral.objects.update(ended_at=timezone.now() - timedelta(days=31))
    assert caller.get(f"cases/{referral.case.reference}/").status_code == 404
    assert caller.get("cases/").json()["results"] == []
    assert seen(caller, referral)["is_tombstone"] is True
    assert caller.get("referrals/").json()["results"][0]["is_tombstone"] is True


# --- the record of who has read -------------------------------------------------------------------------------------


def test_reading_personal_data_leaves_a_record_that_the_person_can_see(caller: Api) -> None:
    referral = referred(caller, "accepted", consent=consent(groups=("story", "contact")))
    caller.get(f"cases/{referral.case.reference}/")
    record = AccessRecord.objects.get()
    assert (record.voice, record.purpose, record.groups) == ("partner", "case_fetched", ["contact", "story"])
    assert (record.report_id, record.body_id) == (referral.case.report_id, referral.partner.body_id)


def test_the_same_content_again_is_304_without_a_new_record(caller: Api) -> None:
    referral = referred(caller, "accepted")
    path = f"referrals/{referral.pk}/"
    etag = caller.get(path).headers["ETag"]
    AccessRecord.objects.all().delete()
    answer = caller.get(path, **{"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert not AccessRecord.objects.exists()


def test_showing_nothing_personal_leaves_no_record(caller: Api) -> None:
    seen(caller, referred(caller, "accepted", consent=consent(share="ask_first")))
    assert not AccessRecord.objects.exists()


def test_changes_hold_no_word_of_the_person(caller: Api) -> None:
    referral = referred(caller)
    caller.post(f"referrals/{referral.pk}/accept/")
    answer = caller.get("changes/").content.decode()
    assert PartnerChange.objects.count() == 1
    assert found_in(answer) == []


def test_the_case_and_its_referral_show_the_same(caller: Api) -> None:
    referral = referred(caller, "accepted")
    assert caller.get(f"cases/{referral.case.reference}/").json() == seen(caller, referral)


def test_a_reference_may_be_typed_as_it_was_heard(caller: Api) -> None:
    referral = referred(caller, "accepted")
    heard = referral.case.reference.replace("-", "").lower()
    assert caller.get(f"cases/{heard}/").json()["reference"] == referral.case.reference


def test_an_offered_case_is_not_yet_the_partners(caller: Api) -> None:
    referral = referred(caller)
    assert caller.get(f"cases/{referral.case.reference}/").status_code == 404


def test_arranged_rows_are_told_cases(now: Any) -> None:
    """Guards the tests above: the canaries are really stored."""
    case = arrange.opened(now, story=STORY)
    report = Report.objects.get(pk=case.report_id)
    assert report.unseal(ReportKey.of(report.pk), "story") == STORY
