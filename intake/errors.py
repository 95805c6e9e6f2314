"""Expected refusals of intake: each has a stable code and a translated message, never personal data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An expected "no". Doors translate it: a form error in HTML, problem JSON in the API.

    `status` is the HTTP status that fits; `params` holds codes and numbers only, for it may reach logs and clients.
    """

    code = "refused"
    message: str | Promise = _("This is not possible.")
    status = 400
    fields: Mapping[str, list[Any]] = MappingProxyType({})

    def __init__(self, message: str | Promise | None = None, **params: Any) -> None:
        if message is not None:
            self.message = message
        self.params = params
        super().__init__(self.code)


class InvalidInput(DomainError):
    """`fields` maps a field name to its messages."""

    code = "invalid_input"
    message = _("Please correct this")
    status = 422

    def __init__(self, fields: Mapping[str, list[Any]] | None = None, **params: Any) -> None:
        self.fields = dict(fields or {})
        super().__init__(**params)


class UnknownCode(DomainError):
    """Malformed, never issued and erased codes all look like this one (bars.md S4)."""

    code = "unknown_code"
    message = _("We do not know this code. Check the digits and try again.")
    status = 404


class Throttled(DomainError):
    """`retry_after` in seconds."""

    code = "throttled"
    message = _("Too many tries from this network. Please wait a little and try again.")
    status = 429

    def __init__(self, retry_after: int, **params: Any) -> None:
        self.retry_after = retry_after
        super().__init__(**params)

    @property
    def minutes(self) -> int:
        """At least one; never promised too early."""
        return max(1, -(-self.retry_after // 60))


class DraftExpired(DomainError):
    code = "draft_expired"
    message = _("Your answers were kept for 24 hours and are now deleted. Please begin again.")
    status = 410


class ReportErased(DomainError):
    """For staff, partners and a session that was open at the time; never for somebody who types a code."""

    code = "report_erased"
    message = _("This report has been deleted for ever.")
    status = 410


class ReportTakenBack(DomainError):
    """What is passed on, or added to be passed on, has no sense any more: nobody gets it."""

    code = "report_taken_back"
    message = _("You have taken your report back.")
    status = 409
