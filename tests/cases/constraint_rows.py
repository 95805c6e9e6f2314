"""Rows for each constraint of the database: what it lets in, and what it refuses. Asked by test_database_refuses.py."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
ONE, TWO = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY, NEXT = date(2026, 11, 24), date(2026, 11, 25)

# What stands beside the columns in question, where the table's other constraints ask for it.
BESIDE: dict[str, Row] = {
    "intake.Attachment": {"report_id": ONE},
    "intake.SafeContact": {"method": "phone"},
    "cases.Agreement": {"kind": "partner", "partner_id": ONE, "side": "AZ"},
    "cases.AgreementVersion": {"valid_from": DAY, "valid_until": NEXT, "timezone": "UTC", "number": 1},
    "cases.ApprovalRequest": {"kind": "memorandum", "needs": "each_side", "side": "", "state": "open"},
    "cases.Approval": {"needs": "each_side", "side": "AZ"},
    "cases.Case": {"state": "triage", "urgency": 3},
    "cases.ClockPause": {"from_at": NOW, "look_again_at": LATER},
    "cases.ContactAttempt": {"by_id": ONE, "result": "no_answer"},
    "cases.DutyShift": {"starts_at": NOW, "ends_at": LATER},
    "cases.Job": {"state": "waiting", "total": 3},
    "cases.LostContactRule": {"id": 1, "attempts": 3, "days": 3, "unread_hours": 24},
    "cases.CaseLink": {"first_id": ONE, "second_id": TWO, "state": "suggested"},
    "cases.LinkRule": {"kind": "same_actor"},
    "cases.Merge": {"case_id": ONE, "into_id": TWO},
    "cases.WorkingHours": {"start": time(9), "end": time(18)},
    "cases.PartnerClient": {"authorization_grant_type": "client-credentials"},
    "cases.Referral": {"state": "offered"},
    "cases.ReviewClock": {"urgency": 1},
    "cases.ClockSetting": {"urgency": 1},
    "cases.VitalInterest": {"asked_by_id": ONE},
    "cases.ClosingProposal": {"proposed_by_id": ONE},
}

# What each check lets in, and what it refuses.
CHECKS: dict[str, tuple[Sequence[Row], Sequence[Row]]] = {
    "attachment_of_report_or_draft": (
        [{"report_id": ONE}, {"report_id": None, "draft_id": ONE}],
        [{"report_id": ONE, "draft_id": ONE}, {"report_id": None, "draft_id": None}],
    ),
    "category_urgency_1_to_4": (
        [{"default_urgency": 1}, {"default_urgency": 4}],
        [{"default_urgency": 0}, {"default_urgency": 5}],
    ),
    "subcode_urgency_1_to_4": (
        [{"urgency": None}, {"urgency": 1}, {"urgency": 4}],
        [{"urgency": 0}, {"urgency": 5}],
    ),
    "contact_has_method_unless_never_contact": (
        [{"method": "", "never_contact": True}, {"method": "sms"}],
        [{"method": "", "never_contact": False}],
    ),
    "contact_hours_both_or_none": (
        [{"hours_from": time(9), "hours_until": time(18)}, {"hours_from": None, "hours_until": None}],
        [{"hours_from": time(9), "hours_until": None}, {"hours_from": None, "hours_until": time(18)}],
    ),
    "retention_not_zero": ([{"days": None}, {"days": 1}], [{"days": 0}]),
    "agreement_parties_fit_kind": (
        [
            {"kind": "memorandum", "partner_id": None, "side": "", "under_memorandum": False},
            {"kind": "partner", "partner_id": ONE, "side": "RU", "under_memorandum": True},
        ],
        [
            {"kind": "memorandum", "partner_id": ONE, "side": ""},
            {"kind": "memorandum", "partner_id": None, "side": "AZ"},
            {"kind": "memorandum", "partner_id": None, "side": "", "under_memorandum": True},
            {"kind": "partner", "partner_id": None, "side": "AZ"},
            {"kind": "partner", "partner_id": ONE, "side": ""},
            {"kind": "other", "partner_id": ONE, "side": "AZ"},
        ],
    ),
    "agreement_ends_after_start": (
        [{"valid_from": DAY, "valid_until": DAY}],
        [{"valid_from": NEXT, "valid_until": DAY}],
    ),
    "agreement_versions_from_one": ([{"number": 1}], [{"number": 0}]),
    "agreement_has_time_zone": ([{"timezone": "Asia/Baku"}], [{"timezone": ""}]),
    "agreement_notice_before_the_end": ([{"days": 1}], [{"days": 0}]),
    "approval_needs_fit_kind": (
        [{"kind": "partner_agreement", "needs": "two_of_side", "side": "AZ"}],
        [
            {"kind": "partner_agreement", "needs": "each_side", "side": "AZ"},
            {"kind": "memorandum", "needs": "two_of_side"},
            {"kind": "case_transfer", "needs": "two_of_side", "side": "AZ", "case_id": ONE},
        ],
    ),
    "approval_open_or_decided": (
        [{"state": "refused", "decided_at": NOW}],
        [{"state": "open", "decided_at": NOW}, {"state": "refused", "decided_at": None}],
    ),
    "approval_subject_fits_kind": (
        [{"kind": "case_transfer", "case_id": ONE, "side": "AZ"}],
        [
            {"kind": "case_transfer", "case_id": None, "side": "AZ"},
            {"kind": "case_transfer", "case_id": ONE, "side": ""},
            {"kind": "memorandum", "side": "AZ"},
            {"kind": "memorandum", "case_id": ONE},
            {"kind": "partner_agreement", "needs": "two_of_side", "side": ""},
            {"kind": "partner_agreement", "needs": "two_of_side", "side": "AZ", "case_id": ONE},
        ],
    ),
    "approval_period_not_zero": ([{"days": 1}], [{"days": 0}]),
    "case_urgency_1_to_4": ([{"urgency": 1}, {"urgency": 4}], [{"urgency": 0}, {"urgency": 5}]),
    "closed_with_outcome_and_date": (
        [{"state": "closed", "outcome": "died", "closed_at": NOW}, {"state": "resolved"}],
        [
            {"state": "closed", "outcome": "", "closed_at": NOW},
            {"state": "closed", "outcome": "died", "closed_at": None},
        ],
    ),
    "pause_ends_after_start": (
        [{"until_at": NOW}, {"until_at": LATER}],
        [{"until_at": NOW - timedelta(seconds=1)}],
    ),
    "open_pause_has_its_day": (
        [{"until_at": LATER, "look_again_at": None}],
        [{"until_at": None, "look_again_at": None}],
    ),
    "closing_two_people": ([{"approved_by_id": TWO}, {"approved_by_id": None}], [{"approved_by_id": ONE}]),
    "attempt_is_logged_not_computed": ([{"result": "reached"}], [{"result": "left_unread"}]),
    "attempt_is_somebodys": (
        [{"by_id": None, "referral_id": ONE}, {"by_id": ONE, "referral_id": ONE}],
        [{"by_id": None, "referral_id": None}],
    ),
    "shift_ends_after_start": ([{"ends_at": LATER}], [{"ends_at": NOW}, {"ends_at": NOW - timedelta(seconds=1)}]),
    "follow_up_ends_one_way": (
        [{"done_at": NOW}, {"removed_at": NOW}, {}],
        [{"done_at": NOW, "removed_at": NOW}],
    ),
    "job_rule_not_zero": (
        [{"most": 1}, {"most": 5000}],
        [{"most": 0}, {"most": 5001}, {"look_back_days": 0}, {"keep_days": 0}],
    ),
    "job_done_within_total": ([{"done": 3, "total": 3}], [{"done": 4, "total": 3}]),
    "job_ended_with_date": (
        [{"state": "running", "lease": ONE}, {"state": "cancelled", "finished_at": NOW}],
        [
            {"state": "running", "finished_at": NOW},
            {"state": "done", "finished_at": None},
            {"state": "done", "finished_at": NOW, "lease": ONE},
            {"state": "other"},
        ],
    ),
    "job_failed_with_code": (
        [{"state": "failed", "finished_at": NOW, "error": "x"}],
        [{"state": "failed", "finished_at": NOW, "error": ""}],
    ),
    "one_lost_contact_rule": ([{"id": 1}], [{"id": 2}]),
    "lost_contact_not_zero": (
        [{"attempts": 1, "days": 1, "unread_hours": 1}],
        [{"attempts": 1, "days": 0}, {"unread_hours": 0}, {"attempts": 0, "days": 0}],
    ),
    "lost_contact_days_within_attempts": ([{"attempts": 3, "days": 3}], [{"attempts": 3, "days": 4}]),
    "review_urgency_1_to_4": ([{"urgency": 1}, {"urgency": 4}], [{"urgency": 0}, {"urgency": 5}]),
    "review_not_zero": ([{"hours": 1}], [{"hours": 0}]),
    "limit_not_zero": ([{"most": 1}], [{"most": 0}]),
    "link_in_order": (
        [{"first_id": ONE, "second_id": TWO}],
        [{"first_id": TWO, "second_id": ONE}, {"first_id": ONE, "second_id": ONE}],
    ),
    "link_decided_or_suggested": (
        [{"state": "linked", "decided_at": NOW}],
        [{"state": "suggested", "decided_at": NOW}, {"state": "linked", "decided_at": None}],
    ),
    "merge_not_into_itself": ([{"into_id": TWO}], [{"into_id": ONE}]),
    "client_credentials_only": (
        [{}],
        [{"authorization_grant_type": kind} for kind in ("password", "authorization-code", "implicit")],
    ),
    "clock_urgency_1_to_4": ([{"urgency": 1}, {"urgency": 4}], [{"urgency": 0}, {"urgency": 5}]),
    "clock_not_zero": ([{}], [{"triage_hours": 0}, {"answer_hours": 0}, {"contact_hours": 0}]),
    "policy_urgency_1_to_4": ([{"urgency": 1}, {"urgency": 4}], [{"urgency": 0}, {"urgency": 5}]),
    "hours_weekday_0_to_6": ([{"weekday": 0}, {"weekday": 6}], [{"weekday": 7}]),
    "hours_not_empty": (
        [{"start": time(0), "end": time(0)}, {"start": time(22), "end": time(6)}],
        [{"start": time(9), "end": time(9)}],
    ),
    "link_rule_of_a_kind": ([{"kind": "same_person"}], [{"kind": "other"}]),
    "link_rule_most_1_to_50": ([{"most": 1}, {"most": 50}], [{"most": 0}, {"most": 51}]),
    "link_rule_not_zero": (
        [{"look_back_days": 1, "shared_by_at_most": 1}, {"shared_by_at_most": 1000}],
        [{"look_back_days": 0}, {"shared_by_at_most": 0}, {"shared_by_at_most": 1001}],
    ),
    "vital_interest_two_people": ([{"approved_by_id": TWO}, {"approved_by_id": None}], [{"approved_by_id": ONE}]),
}

# What the first row has, and how a second one may differ and stand beside it. One that differs in nothing is refused.
UNIQUE: dict[str, tuple[Row, Sequence[Row]]] = {
    "one_emergency_number": ({}, [{"number": "y"}, {"country_id": "RU"}]),
    "one_subcode": ({"code": "A"}, [{"code": "B"}, {"category_id": "OTH"}]),
    "one_open_consent_request": ({}, [{"body_id": TWO}, {"answered_at": NOW}, {"closed_at": NOW}]),
    "one_blind_index": ({}, [{"digest": b"y"}, {"kind": "email"}]),
    "one_version_number": ({}, [{"number": 2}]),
    "one_open_approval_request": ({"subject": ONE}, [{"subject": TWO}, {"state": "refused", "decided_at": NOW}]),
    "approval_one_per_person": ({"lapsed_at": NOW}, [{"user_id": TWO}, {"request_id": TWO}]),
    "approval_one_per_side": (
        {"user_id": ONE},
        [{"user_id": TWO, **other} for other in ({"side": "RU"}, {"lapsed_at": NOW}, {"needs": "two_of_side"})],
    ),
    "one_responsible": ({}, [{"ended_at": NOW}, {"case_id": TWO}]),
    "one_open_pause": ({}, [{"until_at": LATER}, {"case_id": TWO}]),
    "one_date_of_a_kind": ({}, [{"kind": "appeal"}, {"date": NEXT}, {"withdrawn_at": NOW}]),
    "one_waiting_closing": ({}, [{"ended_at": NOW}, {"approved_at": NOW}, {"case_id": TWO}]),
    "one_attempt_of_a_partner": (
        {"referral_id": ONE, "at": NOW},
        [{"at": LATER}, {"channel": "sms"}, {"result": "reached"}, {"referral_id": None}],
    ),
    "one_alert_per_person": ({}, [{"user_id": TWO}, {"case_id": TWO}]),
    "one_number": ({"number": 1}, [{"number": 2}, {"number": None}, {"partner_id": TWO}]),
    "one_open_group": ({}, [{"removed_at": NOW}, {"case_id": TWO}]),
    "one_open_job": ({}, [{"asked_by_id": TWO}, {"state": "cancelled", "finished_at": NOW}]),
    "one_closing_policy": ({"category_id": "OTH", "outcome": "died"}, [{"outcome": "x"}, {"category_id": "WRK"}]),
    "one_closing_policy_for_all": ({"category_id": None, "outcome": "died"}, [{"category_id": "OTH"}]),
    "one_link_of_a_kind": ({}, [{"kind": "same_actor"}, {"second_id": UUID(int=3)}]),
    "one_merge": ({}, [{"ended_at": NOW}]),
    "one_delivery_per_attempt": ({"attempt": 1}, [{"attempt": 2}]),
    "one_edit_per_version": ({"version": 1}, [{"version": 2}, {"partner_id": TWO}]),
    "one_service_per_category": ({}, [{"category_id": "OTH"}, {"partner_id": TWO}]),
    "one_area": ({"region_id": "RU-MOW"}, [{"region_id": "RU-SPE"}, {"partner_id": TWO}]),
    "one_whole_country": ({"region_id": None}, [{"region_id": "RU-MOW"}, {"country_id": "AZ"}]),
    "one_language": ({}, [{"language_id": "az"}, {"partner_id": TWO}]),
    "one_recusal": ({}, [{"user_id": TWO}, {"case_id": TWO}]),
    "one_rule_version": ({"version": 1}, [{"version": 2}, {"code": "other"}]),
    "one_routing_policy": ({"urgency": 1}, [{"urgency": 2}, {"category_id": "OTH"}]),
    "one_holiday": ({}, [{"date": NEXT}, {"country_id": "AZ"}]),
    "once_per_round": ({"round": 1}, [{"round": 2}, {"partner_id": TWO}, {"case_id": TWO}]),
    "one_accepted": (
        {"state": "accepted", "round": 1},
        [
            {"partner_id": TWO, "state": "offered"},
            {"partner_id": TWO, "takes_over_from_id": ONE},
            {"partner_id": TWO, "state": "completed"},
            {"case_id": TWO},
        ],
    ),
    "one_event_per_place": ({"sequence": 1}, [{"sequence": 2}, {"case_id": TWO}]),
    "one_account_per_address": ({"email": "a@example.org"}, [{"email": "b@example.org"}]),
    "one_vital_interest": ({"partner_id": ONE}, [{"ended_at": NOW}, {"refused_at": NOW}, {"partner_id": TWO}]),
}
# How a second row differs and is yet the same: in what the constraint does not look at, though another one does.
SAME: dict[str, Row] = {
    "one_merge": {"into_id": UUID(int=3)},
    "one_accepted": {"partner_id": TWO, "state": "in_service"},
    "one_account_per_address": {"email": "A@Example.org"},
    "approval_one_per_side": {"user_id": TWO},
}
# There can be one of: of these columns together. Said here once more, so that a constraint made wider is noticed.
ONE_OF: dict[str, str] = {
    "one_emergency_number": "country number",
    "one_subcode": "category code",
    "one_open_consent_request": "report body",
    "one_blind_index": "report kind digest",
    "one_version_number": "agreement number",
    "one_open_approval_request": "kind subject",
    "approval_one_per_person": "request user",
    "approval_one_per_side": "request side",
    "one_responsible": "case",
    "one_open_pause": "case",
    "one_date_of_a_kind": "case kind date",
    "one_waiting_closing": "case",
    "one_attempt_of_a_partner": "referral at channel result",
    "one_alert_per_person": "case user",
    "one_number": "partner number",
    "one_open_group": "case",
    "one_open_job": "asked_by kind",
    "one_closing_policy": "category outcome",
    "one_closing_policy_for_all": "outcome",
    "one_link_of_a_kind": "first second kind",
    "one_merge": "case",
    "one_delivery_per_attempt": "message attempt",
    "one_edit_per_version": "partner version",
    "one_service_per_category": "partner category",
    "one_area": "partner country region",
    "one_whole_country": "partner country",
    "one_language": "partner language",
    "one_recusal": "case user",
    "one_rule_version": "code version",
    "one_routing_policy": "category urgency",
    "one_holiday": "country date",
    "once_per_round": "case partner round",
    "one_accepted": "case",
    "one_event_per_place": "case sequence",
    "one_account_per_address": "email",
    "one_vital_interest": "case partner",
}
