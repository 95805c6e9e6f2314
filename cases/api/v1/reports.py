"""Files a report for a hotline or a bot. Intake says what is acceptable; this reads names and types."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions.once import Answer
from cases.api.authentication import ApiClient, client_of
from cases.api.parsing import Body
from cases.api.v1 import inputs, shapes
from cases.api.views import ApiView
from cases.errors import NotAllowed
from intake.actions.submit_report import ConsentEntry, ContactEntry, ReportEntry, ReportNames, submit_report_step
from intake.queries import reference_data
from intake.references import group_code
from intake.vocabulary import About, Channel

# What the door itself says; everything else of an entry may come from the client.
_OURS = frozenset({"channel", "source_ref", "submission_key", "code"})
REPORT_FIELDS = frozenset(field.name for field in fields(ReportEntry)) - _OURS
CONTACT_FIELDS = frozenset(field.name for field in fields(ContactEntry))
CONSENT_FIELDS = frozenset({"share", "cross_border", "groups", "text_version"})


class Reports(ApiView):
    scopes = {"POST": "reports:create"}
    needs_key = True

    @extend_schema(
        operation_id="createReport",
        tags=["reports"],
        summary=_("File a report"),
        description=_(
            "For a hotline or a bot: country and category are enough. The answer holds the receipt code with which the "
            "person opens their page: give it to them, it cannot be recovered. The same Idempotency-Key gives the same "
            "answer for 24 hours and makes no second report."
        ),
        request=inputs.NewReport,
        responses={201: shapes.Filed},
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        if client.is_practice:
            raise NotAllowed()
        entry = read_entry(request.data, client)
        filing = _Filing(entry, self.now)
        return self.write(request, filing.act, filing.foresee)


def read_entry(data: Any, client: ApiClient) -> ReportEntry:
    """The entry as the client wrote it. Raises InvalidInput for unknown names and parts of the wrong kind."""
    body = Body(data, known=REPORT_FIELDS)
    contact, subject_contact = (_part(body, name, CONTACT_FIELDS) for name in ("contact", "subject_contact"))
    consent, subject_consent = (_part(body, name, CONSENT_FIELDS) for name in ("consent", "subject_consent"))
    if (subject_contact or subject_consent) and body.data.get("about") != About.OTHER:
        body.problems.add("about", _("Please choose one of these."))  # of whom else would it be
    body.finish()
    entry = {
        "language": get_language() or "en",
        "country": "",
        "category": "",
        **_given(body.data),
        "contact": None if contact is None else ContactEntry(**contact),
        "consent": _consent(consent or {}),
        "subject_contact": None if subject_contact is None else ContactEntry(**subject_contact),
        "subject_consent": None if subject_consent is None else _consent(subject_consent),
        "must_not_see": _ids(body.data.get("must_not_see") or ()),
    }
    return ReportEntry(**entry, channel=Channel.API, source_ref=client.partner_id)


def _part(body: Body, name: str, known: Collection[str]) -> dict[str, Any] | None:
    value = body.data.get(name)
    return None if value is None else _given(body.object(name, value, known=known))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Null is no answer, like a name that is missing."""
    return {name: value for name, value in values.items() if value is not None}


def _consent(answers: dict[str, Any]) -> ConsentEntry:
    version = answers.get("text_version", reference_data().consent_version)
    groups = _groups(answers.get("groups", []))
    return ConsentEntry(**{**answers, "text_version": version, "groups": groups}, how="api")


def _groups(given: Any) -> Any:
    """A set where it can be one; intake refuses anything else."""
    is_list_of_text = isinstance(given, list) and all(isinstance(group, str) for group in given)
    return frozenset(given) if is_list_of_text else given


def _ids(given: Any) -> Any:
    try:
        return tuple(UUID(text) for text in given)
    except (TypeError, ValueError, AttributeError):
        return given


class _Filing:
    """One report under its key. Reference and code are chosen beforehand, so the answer is known before the act."""

    def __init__(self, entry: ReportEntry, now: datetime) -> None:
        self._entry = entry
        self._now = now
        self._names: ReportNames | None = None

    def foresee(self) -> Answer:
        self._names = ReportNames.new()
        return self._answer(self._names.reference, self._names.code)

    def act(self) -> Answer:
        filed = submit_report_step(entry=self._entry, now=self._now, names=self._names)
        return self._answer(filed.reference, filed.code or "")

    def _answer(self, reference: str, code: str) -> Answer:
        page = f"{settings.SITE_URL}/{_page_language(self._entry.language)}/page/"
        return 201, {"reference": reference, "code": group_code(code), "page": page}


def _page_language(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else "en"
