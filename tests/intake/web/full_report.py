"""Reports as they stand on their page: one with everything that can be there, and one with nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.utils import timezone

from intake.actions.change_consent import ask_consent
from intake.actions.clean_file import clean_waiting
from intake.actions.complain import complain
from intake.actions.file_owner import FileOwner
from intake.actions.files import store_file
from intake.actions.messages import notice_step, post_message, write_to_reporter_step
from intake.actions.partner_erasure import ask_partner_erasure_step
from intake.actions.publish_status import publish_status
from intake.actions.record_access import record_access
from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry, submit_report
from intake.models import Body
from intake.web import cookies
from tests.intake.uploads import samples

LONG = "Uzunsözlüadıolanbirtəşkilat Uzunsözlüadıolanbirtəşkilat"


def full_report(language: str = "az") -> UUID:
    """Somebody writes for another. Every list on the page has something in it, with long words."""
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    entry = ReportEntry(
        channel="web",
        language=language,
        country="RU",
        region="RU-MOW",
        category="WRK",
        about="other",
        contact=ContactEntry(
            method="phone", value="8 900 123-45-67", days=(0,), hours_from="09:00", hours_until="18:00"
        ),
        consent=ConsentEntry(share="any", groups=frozenset({"story"}), text_version=1),
        story="Canary",
        answers={"held": "yes"},
    )
    report_id = submit_report(entry=entry, now=now).report_id
    body = Body.objects.create(kind="partner", labels={"en": LONG, "az": LONG, "ru": LONG})
    publish_status(report_id=report_id, code="triage", expected_by=timezone.now().replace(year=2030), now=now)
    ask_consent(report_id=report_id, body_id=body.pk, now=now)
    ask_partner_erasure_step(report_id=report_id, bodies={uuid4(): body.pk}, now=now)
    seen = {"voice": "partner", "by_ref": None, "body_id": body.pk, "purpose": "case_fetched", "groups": ["story"]}
    record_access(report_id=report_id, now=now, **seen)  # type: ignore[arg-type]
    post_message(report_id=report_id, text="Salam\n" + "x" * 90, submission_key="a", now=now)
    write_to_reporter_step(report_id=report_id, voice="caseworker", by_ref=None, body_id=None, text="Salam", now=now)
    notice_step(report_id=report_id, code="vital_interest", body_id=body.pk, now=now)
    complain(report_id=report_id, about=body.pk, text="x", submission_key="a", now=now)
    return report_id


def add_files(report_id: UUID) -> None:
    """One that can be read, one that was refused, one that is still being looked at."""
    now = timezone.now()
    contents = {"ready.gif": samples.gif(), "refused.pdf": samples.pdf(password="x"), "waiting.jpg": samples.photo()}
    for name, content in contents.items():
        if name.startswith("waiting"):
            clean_waiting(now=now + timedelta(seconds=1))
        owner = FileOwner(report_id=report_id)
        store_file(owner=owner, stream=[content], name=name, now=now)


def empty_report(language: str = "az") -> UUID:
    entry = ReportEntry(channel="web", language=language, country="AZ", category="OTH")
    return submit_report(entry=entry, now=timezone.now()).report_id


def make_late(report_id: UUID) -> None:
    now = timezone.now()
    publish_status(report_id=report_id, code="triage", expected_by=now - timedelta(days=1), now=now)


def pass_of(report_id: UUID) -> str:
    """The cookie with which the page of this report is open."""
    response = HttpResponse()
    cookies.keep_page(response, report_id)
    return response.cookies[cookies.PAGE].value
