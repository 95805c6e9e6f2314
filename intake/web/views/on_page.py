"""The way into everything on the reporter's page: the pass, the form's token, what was typed when the pass ended."""

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.errors import ReportErased, ReportTakenBack
from intake.models import Report
from intake.queries.mailboxes import open_report
from intake.queries.reference import reference_data
from intake.web import cookies
from intake.web.door import public, to
from intake.web.forms.base import StepForm
from intake.web.forms.code import CodeForm
from intake.web.times import zone_called

PageView = Callable[..., HttpResponseBase]
LONGEST_KEPT = 200_000  # characters of a form that are carried past the field for the code
_OURS = frozenset({"token", "key", "code", "kept", "kept_at", "answer", "then"})  # not typed: ours, and buttons
NOT_TAKEN = 422


def on_page(view: PageView) -> PageView:
    """Hands the open report to the view. A POST must carry the page's token.

    Without the pass (20 minutes, another browser, another report's form): the field for the code; what was typed goes
    along and is there again behind it.
    """

    @require_http_methods(["GET", "HEAD", "POST"])
    @public
    @wraps(view)
    def answer(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponseBase:
        report_id = cookies.page_report(request)
        if request.method == "POST":
            if report_id is None or not cookies.token_fits(request, cookies.page_token(report_id)):
                return _once_more(request, language, has_pass=report_id is not None)
        elif report_id is None:
            return to("page", language)
        report = open_report(report_id) if report_id else None
        if report is None:
            raise ReportErased()
        try:
            response = view(request, language, report, **kwargs)
        except ReportTakenBack:
            response = to("page", language, "?gone_back")
        if cookies.PAGE not in response.cookies:
            cookies.keep_page(response, report.pk, request)  # type: ignore[arg-type]
        return response

    return answer  # type: ignore[return-value]


def acting(view: PageView) -> PageView:
    """A button without a page of its own: opened as an address it leads to the page."""

    @wraps(view)
    def answer(request: HttpRequest, language: str, report: Report, **kwargs: Any) -> HttpResponseBase:
        return view(request, language, report, **kwargs) if request.method == "POST" else to("page", language)

    return on_page(answer)


def show_form(
    request: HttpRequest,
    report: Report,
    form: StepForm,
    template: str = "intake/page_form.html",
    **more: Any,
) -> HttpResponse:
    """The form with its token and a key of its own, which stays the same while the form is corrected."""
    shown = {
        "form": form,
        "token": cookies.page_token(report.pk),
        "key": request.POST.get("key", "")[:100] or secrets.token_urlsafe(12),
        "sentence": sentence_of(request),
        **more,
    }
    return render(request, template, shown, status=NOT_TAKEN if form.errors else 200)


def add_problems(form: StepForm, fields: Mapping[str, list[Any]], names: Mapping[str, str] | None = None) -> None:
    """What an action refused, at the field where it was typed. `names`: the form's name for a field of the action."""
    for name, messages in fields.items():
        field = (names or {}).get(name, name)
        form.add_error(field if field in form.fields else None, [str(message) for message in messages])


def show_taken_back(request: HttpRequest, report: Report, form: StepForm) -> HttpResponse:
    """Taken back meanwhile, in another tab: why nothing is kept, and all that was typed, to be copied. No button."""
    shown = {"sentence": taken_back(), "is_withdrawn": True}
    response = show_form(request, report, form, "intake/page_part.html", **shown)
    response.status_code = ReportTakenBack.status
    return response


def taken_back() -> str:
    return _("You have taken your report back, so nothing can be added or passed on.")


def zone_of(report: Report) -> Any:
    return zone_called(reference_data().timezone_of(country=report.country_id, region=report.region_id))


def sentence_of(request: HttpRequest) -> str:
    """What has just been done, said by the name that the address carries; nothing else of the address is shown."""
    sentences = {
        "stopped": _("Your data are not passed on any more."),
        "answered": _("Thank you. Your answer is kept."),
        "late": _("This question is no longer open."),
        "again": _("Please press the button again."),
        "sent": _("Your message has reached us."),
        "changed": _("Your change holds from now on."),
        "same": _("Nothing has changed."),
        "added": _("What you wrote is added to your report."),
        "taken": _("This part is taken back. It is not shown to organisations any more."),
        "complained": _("Your complaint has reached us. Our answer will be among your messages."),
        "withdrawn": _("You have taken your report back."),
        "gone_back": taken_back(),
    }
    return next((words for name, words in sentences.items() if name in request.GET), "")


# --- what was typed when the pass had ended ---------------------------------------------------------------------------


def _once_more(request: HttpRequest, language: str, *, has_pass: bool) -> HttpResponse:
    typed = _typed(request)
    if not typed:
        return to("page", language, "?again" if has_pass else "")
    request.kept = {"kept": typed, "kept_at": request.path}  # type: ignore[attr-defined]
    sentence = _("Your page was closed meanwhile. Enter your code: what you wrote is still here.")
    return render(request, "intake/enter_code.html", {"form": CodeForm(), "sentence": sentence})


def _typed(request: HttpRequest) -> str:
    """Empty when nothing of it is the person's own. A file cannot be carried."""
    pairs = [(name, value) for name in request.POST if name not in _OURS for value in request.POST.getlist(name)]
    if not any(value.strip() for _name, value in pairs):
        return ""
    packed = urlencode(pairs)
    return packed if len(packed) <= LONGEST_KEPT else ""


def carry_on(request: HttpRequest) -> None:
    """A code is being typed in front of something kept: it goes along also when the code was wrong."""
    kept, where = request.POST.get("kept", ""), request.POST.get("kept_at", "")
    if kept and len(kept) <= LONGEST_KEPT and _is_ours(where):
        request.kept = {"kept": kept, "kept_at": where}  # type: ignore[attr-defined]


def shown_again(request: HttpRequest, report_id: Any) -> HttpResponse | None:
    """After the right code: what was typed, to be sent with one press to the report which that code opens."""
    kept = getattr(request, "kept", None)
    if kept is None:
        return None
    pairs = parse_qsl(kept["kept"], keep_blank_values=True, max_num_fields=500)
    shown = {
        "pairs": [(name, value) for name, value in pairs if name not in _OURS],
        "action": kept["kept_at"],
        "token": cookies.page_token(report_id),
        "key": secrets.token_urlsafe(12),
        "written": [value for name, value in pairs if name == "text"],
    }
    response = render(request, "intake/page_kept.html", shown)
    cookies.keep_page(response, report_id, request)
    return response


def _is_ours(where: str) -> bool:
    """The address of a form of this page, nothing else: the kept text must go nowhere else."""
    try:
        found = resolve(where)
    except Resolver404:
        return False
    return found.namespace == "intake" and where.split("/")[2:3] == ["page"]
