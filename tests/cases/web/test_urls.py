"""Every console address × every role × own and other side × nobody: as the table says. A new address needs a row."""

import csv
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cases.models import (
    Case,
    CaseGroup,
    ClosingProposal,
    DutyShift,
    FollowUp,
    GroupMember,
    Job,
    OutboxMessage,
    PartnerClient,
    User,
    VitalInterest,
)
from cases.models.user import Role
from cases.web.urls import urlpatterns
from intake.models import Complaint
from tests.cases.agreement_world import amendment_asked
from tests.cases.arrange import opened, partner, referral, staff
from tests.cases.web.conftest import signed_in
from tests.conftest import ROOT
from tests.intake.filing import ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
with (ROOT / "tests/cases/tables/console_urls.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))


def test_every_address_has_its_rows() -> None:
    assert {row["url"] for row in TABLE} == {pattern.name for pattern in urlpatterns}
    with_object = {pattern.name for pattern in urlpatterns if "<" in str(pattern.pattern)}
    assert all({"own", "other"} == {r["object"] for r in TABLE if r["url"] == name} for name in with_object)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['url']}-{row['object']}")
def test_each_role_gets_what_the_table_says(row: dict[str, str], now: datetime) -> None:
    got, address = {}, address_of(row, now)
    for role in (*Role.values, "anonymous"):
        client = Client() if role == "anonymous" else signed_in(staff(role))
        before = transaction.savepoint()
        answer = client.generic(row["method"], address, content_type="application/x-www-form-urlencoded")
        transaction.savepoint_rollback(before)  # the next role finds everything as this one did
        got[role] = str(answer.status_code)
    assert got == {role: row[role] for role in got}
    assert row["url"] == "language" or answer.headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("row", [row for row in TABLE if row["method"] == "POST"], ids=lambda r: r["url"] + r["object"])
def test_what_changes_something_is_done_by_no_link_and_by_no_foreign_form(row: dict[str, str], now: datetime) -> None:
    client = signed_in(staff("supervisor"), enforce_csrf_checks=True)
    address = address_of(row, now)
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403


def address_of(row: dict[str, str], now: datetime) -> str:
    if row["object"] == "-":
        return reverse(f"console:{row['url']}")
    return reverse(f"console:{row['url']}", kwargs=_object(row["url"], "AZ" if row["object"] == "own" else "RU", now))


def _part_of_life(name: str, case: Case, now: datetime) -> dict[str, Any]:
    user = staff(side=case.side)
    if name == "follow_up":
        row = FollowUp.objects.create(case=case, made_by=user, made_at=now, due_at=now)
        return {"reference": case.reference, "follow_up_id": row.pk}
    if name == "vital_decide":
        vital = VitalInterest.objects.create(case=case, partner=partner(case.side), asked_by=user, asked_at=now)
        return {"reference": case.reference, "vital_id": vital.pk}
    proposal = ClosingProposal.objects.create(case=case, outcome="died", proposed_by=user, proposed_at=now)
    return {"reference": case.reference, "proposal_id": proposal.pk}


def _object(name: str, side: str, now: datetime) -> dict[str, Any]:
    if name in {"edit_partner", "save_partner", "pause_partner", "resume_partner"}:
        return {"slug": partner(side).slug}
    if name in {"partner", "create_client", "revoke_client"}:
        owner = partner(side)
        client = PartnerClient.objects.create(
            partner=owner, name="x", client_type="confidential", authorization_grant_type="client-credentials"
        )
        return {"slug": owner.slug} | ({"client_id": client.pk} if name == "revoke_client" else {})
    if name in {"dry_run", "stop_dry_run"}:
        asked = {"side": side, "asked_by": staff(side=side), "asked_at": now}
        params = {"change": {"kind": "partner", "partner": "x"}, "days": 30}
        return {"job_id": Job.objects.create(kind="dry_run", params=params, **asked).pk}
    if name.endswith("agreement"):
        return {"slug": partner(side).slug}  # its agreement has the same
    if name == "decide_approval":
        return {"request_id": amendment_asked(partner(side), staff(side=side), now).pk}
    if name == "remove_shift":
        shift = DutyShift.objects.create(
            side=side, user=staff(side=side), starts_at=now, ends_at=now + timedelta(hours=1)
        )
        return {"shift_id": shift.pk}
    if name.endswith("_account") or name == "account_link":
        user: User = staff(side=side)
        user.set_unusable_password()
        user.save()
        return {"user_id": user.pk}
    return _object_of_case(name, side, now)


def _object_of_case(name: str, side: str, now: datetime) -> dict[str, Any]:
    case = opened(now, handler=side)
    if name in {"group", "group_act", "group_note"}:
        return {"group_id": _group_of(case, side, now)}
    if name in {"decide_closing", "follow_up", "vital_decide"}:
        return _part_of_life(name, case, now)
    if name == "move":
        return {"reference": case.reference, "referral_id": referral(case, partner(side), now).pk, "move": "decline"}
    if name in {"complaint", "answer_complaint"}:
        return {"complaint_id": Complaint.objects.create(report_id=case.report_id, made_at=now).pk}
    if name == "file":
        return {"reference": case.reference, "file_id": ready(case.report_id, now).pk}
    if name != "replay":
        return {"reference": case.reference} | ({"date_id": uuid4()} if name == "remove_date" else {})
    message = OutboxMessage.objects.create(
        kind="urgent_case",
        case=case,
        audience="staff",
        channel="email",
        language="en",
        dedupe_key=uuid4().hex,
        state="dead",
        next_attempt_at=now,
        created_at=now,
    )
    return {"message_id": message.pk}


def _group_of(case: Case, side: str, now: datetime) -> UUID:
    made = CaseGroup.objects.create(side=side, made_by=staff(side=side), made_at=now, updated_at=now)
    GroupMember.objects.create(group=made, case=case, added_by=made.made_by, added_at=now)
    return made.pk
