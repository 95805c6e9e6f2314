"""The person changes what may be passed on, and cases asks by name of an organisation. Rows are only added."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput, ReportErased
from intake.models import Consent, ConsentRequest, Report
from intake.queries.consent import consent_in_force, open_consent_requests
from intake.queries.reference import reference_data
from intake.vocabulary import ConsentAnswer, IntakeEventKind

from .hand_over import hand_over


@transaction.atomic(durable=True)
def stop_sharing(*, report_id: UUID, now: datetime, language: str = "") -> bool:
    """Adds the answer "no" to sharing and closes open questions; False when it was no already.

    Disclosure reads consent live, so access ends with this commit; the IntakeEvent makes cases withdraw what is
    running. Raises ReportErased. `language`: in which the page was read; empty: the report's.
    """
    report = _locked(report_id)
    if not consent_in_force(report_id).allows_offer:
        return False
    _add_answer(report, answer=ConsentAnswer.NONE, recipient_id=None, language=language, now=now)
    close_consent_requests(report_id=report_id, body_id=None, now=now)
    hand_over(report_id=report_id, kind=IntakeEventKind.CONSENT, now=now)
    return True


@transaction.atomic(durable=True)
def answer_consent_request(
    *, report_id: UUID, request_id: UUID, answer: str, now: datetime, language: str = ""
) -> bool:
    """Yes or no to one organisation; which data groups it may see stays as given. False: answered so already.

    Adds Consent for that organisation and an IntakeEvent about the request. Raises InvalidInput when the answer is
    neither, or the question is not this report's, no longer open or was answered otherwise; ReportErased.
    """
    if answer not in ("yes", "no"):
        raise InvalidInput(fields={"answer": [_("Please choose one of these.")]})
    report = _locked(report_id)
    request = ConsentRequest.objects.filter(pk=request_id, report_id=report_id).first()
    if request is not None and request.answer == answer:
        return False
    if request is None or request.answered_at is not None or request.closed_at is not None:
        raise InvalidInput(fields={"answer": [_("This question is no longer open.")]})
    request.answer, request.answered_at = answer, now
    request.save(update_fields=["answer", "answered_at"])
    given = ConsentAnswer.ANY if answer == "yes" else ConsentAnswer.NONE
    _add_answer(report, answer=given, recipient_id=request.body_id, language=language, now=now)
    hand_over(report_id=report_id, kind=IntakeEventKind.CONSENT, subject=request.pk, now=now)
    return True


def ask_consent(*, report_id: UUID, body_id: UUID, now: datetime) -> ConsentRequest:
    """The open question about this organisation, made if there is none. A step; a twin makes no second one."""
    ConsentRequest.objects.bulk_create(
        [ConsentRequest(report_id=report_id, body_id=body_id, asked_at=now)], ignore_conflicts=True
    )
    return open_consent_requests(report_id).get(body_id=body_id)


def close_consent_requests(*, report_id: UUID, body_id: UUID | None, now: datetime) -> int:
    """No longer asked, because the offer is gone; `body_id` None: all of them. A step; returns how many."""
    waiting = open_consent_requests(report_id)
    if body_id is not None:
        waiting = waiting.filter(body_id=body_id)
    return waiting.update(closed_at=now)


def _locked(report_id: UUID) -> Report:
    """Two acts on the consent of one report happen one after the other. Raises ReportErased."""
    report = Report.objects.select_for_update(no_key=True).only("id", "language", "erased_at").get(pk=report_id)
    if report.erased_at is not None:
        raise ReportErased()
    return report


def _add_answer(report: Report, *, answer: str, recipient_id: UUID | None, language: str, now: datetime) -> None:
    Consent.objects.create(
        report=report,
        question=Consent.Question.SHARE,
        recipient_id=recipient_id,
        answer=answer,
        text_version=reference_data().consent_version,
        language=language or report.language_id,
        how=Consent.How.MAILBOX,
        given_at=now,
    )
