"""The person changes what may be passed on, and cases asks by name of an organisation. Rows are only added."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.errors import InvalidInput
from intake.models import Consent, ConsentRequest, Report
from intake.queries.consent import ConsentInForce, consent_in_force, consent_of, open_consent_requests
from intake.queries.organisations import organisations_of
from intake.queries.reference import reference_data
from intake.vocabulary import About, ConsentAnswer, DataGroup, IntakeEventKind, Voice

from .check_entry import check_consent
from .entry import ConsentEntry
from .hand_over import hand_over
from .locked_report import locked_report
from .problems import Problems

_Question = Consent.Question


@transaction.atomic(durable=True)
def change_consent(*, report_id: UUID, consent: ConsentEntry, now: datetime, voice: str = Voice.REPORTER) -> bool:
    """The whole answer anew; only what differs from before writes a row, so False: nothing did.

    An empty `share` or `cross_border` leaves that question as it was; a group that is not named is a no. What is taken
    back is closed by this commit. `voice` AFFECTED_PERSON: what the person concerned has said, as the reporter passes
    it on. Writes one IntakeEvent CONSENT. Raises InvalidInput, ReportTakenBack, ReportErased.
    """
    report = locked_report(report_id, is_open=True)
    clean = _checked(consent, report, voice)
    rows = list(_differences(report, clean, consent_of(report_id, voice), voice, now))
    if not rows:
        return False
    Consent.objects.bulk_create(rows)
    if consent_in_force(report_id).share == ConsentAnswer.NONE:
        close_consent_requests(report_id=report_id, body_id=None, now=now)
    hand_over(report_id=report_id, kind=IntakeEventKind.CONSENT, now=now)
    return True


@transaction.atomic(durable=True)
def answer_about_organisation(
    *, report_id: UUID, body_id: UUID, answer: str, now: datetime, language: str = ""
) -> bool:
    """Yes or no to one organisation that the report has met, whenever the person likes; False: it was so already.

    Adds Consent for that organisation, answers an open question about it, writes one IntakeEvent CONSENT. Raises
    InvalidInput (neither, or an organisation that the report has never met), ReportTakenBack, ReportErased.
    """
    given = _yes_or_no(answer)
    report = locked_report(report_id, is_open=True)
    if body_id not in organisations_of(report_id):
        raise InvalidInput(fields={"body": [_("Please choose one of these.")]})
    before = consent_in_force(report_id)
    if before.per_body.get(body_id) == given:
        return False
    request = open_consent_requests(report_id).filter(body_id=body_id).first()
    if request is not None:
        _answer_request(request, answer, now)
    _answer_for_body(report, body_id, given, language, now)
    subject = request.pk if request is not None else None
    hand_over(report_id=report_id, kind=IntakeEventKind.CONSENT, subject=subject, now=now)
    return True


@transaction.atomic(durable=True)
def stop_sharing(*, report_id: UUID, now: datetime, language: str = "") -> bool:
    """Adds the answer "no" to sharing and closes open questions; False when it was no already.

    Disclosure reads consent live, so access ends with this commit; the IntakeEvent makes cases withdraw what is
    running. Raises ReportErased. `language`: in which the page was read; empty: the report's.
    """
    report = locked_report(report_id)
    if _reporter_refuses(report_id):
        return False
    _answer(report, answer=ConsentAnswer.NONE, recipient_id=None, language=language, now=now)
    close_consent_requests(report_id=report_id, body_id=None, now=now)
    hand_over(report_id=report_id, kind=IntakeEventKind.CONSENT, now=now)
    return True


def refuse_sharing_step(report: Report, *, given_at: datetime, language: str = "") -> None:
    """The answer "no" to sharing, unless it is that already. A step; tells nobody."""
    if not _reporter_refuses(report.pk):
        _answer(report, answer=ConsentAnswer.NONE, recipient_id=None, language=language, now=given_at)


def _reporter_refuses(report_id: UUID) -> bool:
    """The reporter's own no. That of the person concerned may become a yes later, and must not stand for it."""
    said = consent_of(report_id, Voice.REPORTER)
    return said is not None and not said.allows_offer


@transaction.atomic(durable=True)
def answer_consent_request(
    *, report_id: UUID, request_id: UUID, answer: str, now: datetime, language: str = ""
) -> bool:
    """Yes or no to one organisation; which data groups it may see stays as given. False: answered so already.

    Adds Consent for that organisation and an IntakeEvent about the request. Raises InvalidInput when the answer is
    neither, or the question is not this report's, no longer open or was answered otherwise; ReportErased.
    """
    given = _yes_or_no(answer)
    report = locked_report(report_id)
    request = ConsentRequest.objects.filter(pk=request_id, report_id=report_id).first()
    if request is not None and request.answer == answer:
        return False
    if request is None or request.answered_at is not None or request.closed_at is not None:
        raise InvalidInput(fields={"answer": [_("This question is no longer open.")]})
    _answer_request(request, answer, now)
    _answer_for_body(report, request.body_id, given, language, now)
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


def _yes_or_no(answer: str) -> str:
    if answer not in ("yes", "no"):
        raise InvalidInput(fields={"answer": [_("Please choose one of these.")]})
    return ConsentAnswer.ANY if answer == "yes" else ConsentAnswer.NONE


def _checked(consent: ConsentEntry, report: Report, voice: str) -> ConsentEntry:
    problems = Problems()
    clean = check_consent(consent, report.language_id, reference_data(), problems)
    if voice == Voice.AFFECTED_PERSON and (report.about != About.OTHER or report.subject_unaware):
        problems.add("consent", _("Please choose one of these."))
    problems.raise_any()
    return clean


def _differences(
    report: Report, given: ConsentEntry, before: ConsentInForce | None, voice: str, now: datetime
) -> Iterator[Consent]:
    """`before` None: that voice has said nothing yet, so that its first answer is kept also where it is the default."""
    for question, group, answer in _answers(given, before):
        yield Consent(
            report=report,
            question=question,
            data_group=group,
            answer=answer,
            text_version=given.text_version,
            language=given.language,
            how=given.how,
            voice=voice,
            read_by_ref=given.read_by_ref,
            given_at=now,
        )


def _answers(given: ConsentEntry, before: ConsentInForce | None) -> Iterator[tuple[str, str, str]]:
    known = before or ConsentInForce()
    if given.share and (before is None or given.share != known.share):
        yield _Question.SHARE, "", given.share
    if given.cross_border and (before is None or (given.cross_border == "yes") != known.cross_border):
        yield _Question.CROSS_BORDER, "", given.cross_border
    for group in DataGroup.values:
        if (group in given.groups) != (group in known.groups):
            yield _Question.GROUP, group, "yes" if group in given.groups else "no"


def _answer_request(request: ConsentRequest, answer: str, now: datetime) -> None:
    request.answer, request.answered_at = answer, now
    request.save(update_fields=["answer", "answered_at"])


def _answer_for_body(report: Report, body_id: UUID, answer: str, language: str, now: datetime) -> None:
    """On the page the reporter also passes on what the person concerned says, where that person was asked before: else
    a yes to an organisation could never be given."""
    _answer(report, answer=answer, recipient_id=body_id, language=language, now=now)
    concerned = Voice.AFFECTED_PERSON
    if Consent.objects.filter(report_id=report.pk, voice=concerned).exists():
        _answer(report, answer=answer, recipient_id=body_id, language=language, now=now, voice=concerned)


def _answer(
    report: Report,
    *,
    answer: str,
    recipient_id: UUID | None,
    language: str,
    now: datetime,
    voice: str = Voice.REPORTER,
) -> None:
    Consent.objects.create(
        report=report,
        question=_Question.SHARE,
        recipient_id=recipient_id,
        answer=answer,
        text_version=reference_data().consent_version,
        language=language or report.language_id,
        how=Consent.How.MAILBOX,
        voice=voice,
        given_at=now,
    )
