"""What people do on their page in the demo, each by its real action, and what a worker then does with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cases.actions.take_up import take_up_report_events
from cases.errors import NotFound
from cases.models import Referral
from intake.actions.change_consent import answer_consent_request, stop_sharing
from intake.actions.complain import complain
from intake.actions.correct_report import correct_report
from intake.actions.erase_report import erase_report
from intake.actions.file_owner import FileOwner
from intake.actions.files import store_file
from intake.actions.messages import mark_read, post_message
from intake.actions.withdraw_report import withdraw_report
from intake.queries import open_consent_requests
from intake.vocabulary import FileUse

from .papers import PAPERS
from .stage import Stage


def answer_consent(stage: Stage, at: datetime, *, answer: str) -> None:
    """A person who wanted to be asked first answers on their page."""
    request = open_consent_requests(stage.report_id).first()
    if request is None:
        raise NotFound()
    answer_consent_request(report_id=stage.report_id, request_id=request.pk, answer=answer, now=at)
    _taken_up(stage, at)


def message(stage: Stage, at: datetime, *, text: str) -> None:
    read(stage, at)
    post_message(report_id=stage.report_id, text=text, submission_key=f"{at}", now=at)
    _taken_up(stage, at)


def read(stage: Stage, at: datetime) -> None:
    """Opens the page and sees what was written."""
    mark_read(report_id=stage.report_id, until=at, now=at)


def file(stage: Stage, at: datetime, *, paper: str, name: str, use: str = FileUse.DOCUMENT.value) -> None:
    """A picture or paper that is made here and cleaned like everybody's."""
    owner = FileOwner(report_id=stage.report_id)
    store_file(owner=owner, stream=iter([PAPERS[paper]()]), name=name, use=use, now=at)
    _taken_up(stage, at)


def complaint(stage: Stage, at: datetime, *, text: str, about_partner: bool = False) -> None:
    about = None
    if about_partner:
        rows = Referral.objects.filter(case=stage.case_id, answered_at__isnull=False)
        about = rows.order_by("-answered_at").values_list("partner__body", flat=True).first()
    complain(report_id=stage.report_id, about=about, text=text, submission_key=f"{at}", now=at)
    _taken_up(stage, at)


def correct(stage: Stage, at: datetime, *, part: str, content: str | Mapping[str, Any]) -> None:
    correct_report(report_id=stage.report_id, part=part, content=content, submission_key=f"{at}", now=at)
    _taken_up(stage, at)


def share_no_more(stage: Stage, at: datetime) -> None:
    stop_sharing(report_id=stage.report_id, now=at)
    _taken_up(stage, at)


def withdraw(stage: Stage, at: datetime) -> None:
    withdraw_report(report_id=stage.report_id, now=at)
    _taken_up(stage, at)


def erase(stage: Stage, at: datetime) -> None:
    erase_report(report_id=stage.report_id, because="reporter", now=at)
    _taken_up(stage, at)


def _taken_up(stage: Stage, at: datetime) -> None:
    take_up_report_events(report_id=stage.report_id, now=at + timedelta(seconds=1))
