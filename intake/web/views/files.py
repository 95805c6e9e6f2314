"""Files: among the answers of a draft, and on the reporter's page. Plain forms here; for scripts see pieces.py."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.actions.drafts import OpenDraft
from intake.actions.file_owner import FileOwner
from intake.actions.file_refusals import REASONS, FileRefused
from intake.actions.files import keep_file, remove_file
from intake.models import ReportKey
from intake.queries.files import FileRow, files_of, files_of_draft, read_clean, ready_file, safe_name
from intake.uploads.serving import file_response
from intake.web import cookies, steps
from intake.web.door import SeeOther, View, address, public, to
from intake.web.file_words import file_words
from intake.web.receiving import Receiving, receive

from .drafts import unsent, with_draft

NOT_TAKEN = 422
STEP = "files"


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Where files are added: whose they are, and the addresses of that place."""

    name: str  # draft | page
    owner: FileOwner
    token: str

    def addresses(self, language: str) -> dict[str, str]:
        return {what: address(f"{self.name}_{what}", language) for what in ("files", "file_begin", "file_piece")}


def draft_place(request: HttpRequest) -> Place:
    return Place("draft", FileOwner(draft_secret=cookies.draft_secret(request)), cookies.draft_token(request))


def page_place(report_id: UUID) -> Place:
    return Place("page", FileOwner(report_id=report_id), cookies.page_token(report_id))


# --- among the answers ------------------------------------------------------------------------------------------------


def files_step(request: HttpRequest, language: str, opened: OpenDraft) -> HttpResponse:
    """GET at the step's own number too; POST at one address of its own, where nothing else reads the form first."""
    if request.method == "POST":
        return _add(request, draft_place(request), lambda **more: _show_step(request, language, opened, **more))
    return _show_step(request, language, opened)


draft_files = require_http_methods(["GET", "HEAD", "POST"])(with_draft(unsent(files_step)))


def _show_step(request: HttpRequest, language: str, opened: OpenDraft, **more: Any) -> HttpResponse:
    if more.pop("is_done", False):
        return _onward(request, language, opened)
    number = steps.number_of(STEP)
    place, places = steps.progress(opened.answers, number)
    before = steps.neighbours(opened.answers, number)[0]
    is_from_check = "check" in (request.GET.get("from"), request.POST.get("from"))
    shown = {
        "place": place,
        "places": places,
        "back": address("check", language) if is_from_check else address("step", language, number=before or 1),
        "from_check": is_from_check,
        "can_be_sent": steps.offers_sending(opened.answers),
        "form": steps.all_steps()[number - 1].make(opened.answers, language),
    }
    rows = files_of_draft(opened.draft, opened.key)
    return _render(request, language, "intake/files.html", draft_place(request), rows, shown | more)


def _onward(request: HttpRequest, language: str, opened: OpenDraft) -> SeeOther:
    if request.POST.get("then") == "stay":
        return to("draft_files", language, "?from=check" if request.POST.get("from") == "check" else "")
    if request.POST.get("then") == "send":
        for name in steps.missing(opened.answers):
            return to("step", language, "?then=send", number=steps.number_of(name))
        return to("code", language)
    following = steps.neighbours(opened.answers, steps.number_of(STEP))[1]
    if following is None or request.POST.get("from") == "check":
        return to("check", language)
    return to("step", language, number=following)


@require_POST
@with_draft
@unsent
def draft_remove(request: HttpRequest, language: str, opened: OpenDraft, file_id: UUID) -> HttpResponse:
    return _remove(request, language, draft_place(request), file_id)


# --- on the reporter's page -------------------------------------------------------------------------------------------


def with_report(view: View) -> View:
    """Hands the id of the report whose page is open; without a pass back to the code. Reads no form: see `receive`."""

    @public
    @wraps(view)
    def answer(request: HttpRequest, language: str, **kwargs: Any) -> Any:
        report_id = cookies.page_report(request)
        if report_id is None:
            return to("page", language)
        response: Any = view(request, language, report_id, **kwargs)
        cookies.keep_page(response, report_id, request)
        return response

    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@with_report
def page_files(request: HttpRequest, language: str, report_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _add(request, page_place(report_id), lambda **more: _show_page(request, language, report_id, **more))
    return _show_page(request, language, report_id)


def _show_page(request: HttpRequest, language: str, report_id: UUID, **more: Any) -> HttpResponse:
    if more.pop("is_done", False):
        return to("page_files", language, "?kept" if more.get("kept") else "")
    more.setdefault("sentence", _("Thank you. It is here.") if "kept" in request.GET else "")
    return _render(request, language, "intake/page_files.html", page_place(report_id), files_of(report_id), more)


@require_POST
@with_report
def page_remove(request: HttpRequest, language: str, report_id: UUID, file_id: UUID) -> HttpResponse:
    return _remove(request, language, page_place(report_id), file_id)


@require_safe
@with_report
def page_file(request: HttpRequest, language: str, report_id: UUID, file_id: UUID) -> HttpResponseBase:
    file = ready_file(report_id, file_id)
    if file is None:
        raise Http404
    chunks = read_clean(file, ReportKey.of(report_id))
    return file_response(chunks, media_type=file.media_type, name=safe_name(file), size=file.clean_bytes)


# --- what both do -----------------------------------------------------------------------------------------------------


def _add(request: HttpRequest, place: Place, show: Callable[..., HttpResponse]) -> HttpResponse:
    """Everything that can be kept is kept; what cannot is named, with the reason."""
    try:
        receiving = receive(request)
    except FileRefused as refusal:
        return show(refusals=[("", refusal.message)], status=NOT_TAKEN)
    try:
        if not cookies.token_fits(request, place.token):
            return show(sentence=_("Please press the button again."), status=403)
        kept = _keep(place, receiving)
    finally:
        receiving.close()
    if receiving.refusals:
        words = [(name, refusal.message) for name, refusal in receiving.refusals]
        return show(refusals=words, status=NOT_TAKEN)
    return show(is_done=True, kept=kept)


def _keep(place: Place, receiving: Receiving) -> int:
    kept = 0
    for new in receiving.files:
        try:
            keep_file(owner=place.owner, new=new, now=timezone.now())
            kept += 1
        except FileRefused as refusal:
            receiving.refusals.append((new.name, refusal))
    return kept


def _remove(request: HttpRequest, language: str, place: Place, file_id: UUID) -> HttpResponse:
    if cookies.token_fits(request, place.token):
        remove_file(owner=place.owner, file_id=file_id, now=timezone.now())
    return to(f"{place.name}_files", language)


def _render(
    request: HttpRequest, language: str, template: str, place: Place, rows: list[FileRow], more: dict[str, Any]
) -> HttpResponse:
    status = more.pop("status", 200)
    if "large" in request.GET:  # the proxy refused a form that it did not pass on (deploy/nginx/korpu.conf)
        more.setdefault("refusals", [("", REASONS["total_too_large"])])
    words = file_words(rows, is_sent=place.owner.report_id is not None)
    shown = {
        "files": words,
        "token": place.token,
        "remove": f"intake:{place.name}_file_remove",
        "addresses": place.addresses(language),
    }
    return render(request, template, shown | more, status=status)
