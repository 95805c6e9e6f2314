"""Plain functions that put rows in place for the tests of the case engine. Reports are made by intake's own action."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection

from cases.actions.record import Actor
from cases.actions.take_up import take_up_report_events
from cases.models import (
    Agreement,
    AgreementVersion,
    Case,
    DutyShift,
    PartnerOrganisation,
    Referral,
    User,
    WebhookEndpoint,
)
from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry, submit_report
from intake.models import Body, IntakeEvent

T = TypeVar("T")
OPTED_IN = ContactEntry(method="email", value="someone@example.org", notify=True, timezone="Europe/Moscow")
SHARED = ConsentEntry(share="any", cross_border="yes", groups=frozenset({"identity", "story"}), text_version=1)
NOT_SHARED = ConsentEntry(share="none", text_version=1)


def submitted(now: datetime, **changes: Any) -> UUID:
    """A report that waits to be taken up: unpaid wages of an Azerbaijani in Moscow, unless changed."""
    values: dict[str, Any] = {
        "channel": "web",
        "language": "az",
        "country": "RU",
        "region": "RU-MOW",
        "citizenship": "AZ",
        "category": "WRK",
        "subcode": "UNPAID" if "category" not in changes else "",
        "consent": SHARED,
    }
    return submit_report(entry=ReportEntry(**(values | changes)), now=now).report_id


def opened(now: datetime, **changes: Any) -> Case:
    """Its case, opened by taking the report up."""
    report_id = submitted(now, **changes)
    take_up_report_events(report_id=report_id, now=now)
    return Case.objects.get(report_id=report_id)


def staff(role: str = "caseworker", side: str = "AZ", **fields: Any) -> User:
    fields.setdefault("roles", [role])
    return User.objects.create(email=f"{uuid4().hex}@example.org", name="Canary-staff", side=side, **fields)


def acting(user: User) -> Actor:
    return Actor("staff", user.pk)


def on_duty(user: User, now: datetime) -> DutyShift:
    hour = timedelta(hours=1)
    return DutyShift.objects.create(side=user.side, user=user, starts_at=now - hour, ends_at=now + hour)


def partner(side: str = "RU", **fields: Any) -> PartnerOrganisation:
    """A partner with one agreement in force and no service: enough to hold a referral."""
    body = Body.objects.create(kind="partner", labels={"en": "Invented partner"})
    values: dict[str, Any] = {
        "slug": uuid4().hex,
        "country_id": side,
        "email": "partner@example.org",
        "language": "ru",
        "capacity": 9,
        "timezone": "Europe/Moscow",
        "around_the_clock": True,
    }
    row = PartnerOrganisation.objects.create(body=body, side=side, **(values | fields))
    agreement = Agreement.objects.create(slug=row.slug, kind="partner", side=side, partner=row)
    AgreementVersion.objects.create(
        agreement=agreement,
        number=1,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 12, 31),
        timezone="Europe/Moscow",
    )
    return row


def webhook(owner: PartnerOrganisation, now: datetime, **fields: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        partner=owner, url="https://hooks.example.org/", secret="whsec_x", created_at=now, **fields
    )


def referral(case: Case, owner: PartnerOrganisation, now: datetime, state: str = "offered", **fields: Any) -> Referral:
    """The row as offering (or accepting) leaves it; the case is moved along."""
    values: dict[str, Any] = {
        "round": case.round,
        "urgency": case.urgency,
        "category_id": case.category_id,
        "agreement_version": AgreementVersion.objects.get(agreement__partner=owner),
        "offered_at": now,
        "answer_due_at": now + timedelta(hours=12),
        "updated_at": now,
    }
    if state != "offered":
        values |= {"answered_at": now, "contact_due_at": now + timedelta(hours=24)}
    row = Referral.objects.create(case=case, partner=owner, state=state, **(values | fields))
    Case.objects.filter(pk=case.pk).update(
        state="offered" if state == "offered" else "accepted", routing_wanted_at=None, routing_attempts=0
    )
    case.refresh_from_db()
    return row


def in_state(case: Case, state: str, **columns: Any) -> Case:
    """The row as the move leaves it, where how it came there does not matter: a closed one has its outcome and date."""
    ended: dict[str, Any] = {"outcome": "advice_given", "closed_at": case.received_at} if state == "closed" else {}
    Case.objects.filter(pk=case.pk).update(state=state, **(ended | columns))
    case.refresh_from_db()
    return case


def intake_act(case: Case, kind: str, now: datetime, subject: UUID | None = None) -> IntakeEvent:
    """What intake leaves behind when a reporter does something else than submitting."""
    return IntakeEvent.objects.create(report_id=case.report_id, kind=kind, subject=subject, at=now)


def at_once(count: int, run: Callable[[], T]) -> list[T]:
    """Runs it in threads which all have their connection before the first begins. Needs real transactions."""
    start = Barrier(count)

    def one(_: int) -> T:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return run()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
