"""Expected refusals of cases: each has a stable code and a translated message, never personal data."""

from django.utils.translation import gettext_lazy as _

from intake.errors import DomainError


class NotAllowed(DomainError):
    code = "not_allowed"
    message = _("You may not do this.")
    status = 403


class NotFound(DomainError):
    """Unknown and forbidden look the same."""

    code = "not_found"
    message = _("Not found.")
    status = 404


class MoveNotAllowed(DomainError):
    """The state does not allow it; `params["state"]` is the present one. Nothing was changed."""

    code = "move_not_allowed"
    message = _("This is not possible in the present state.")
    status = 409


class StaleObject(DomainError):
    code = "stale"
    message = _("Somebody changed this in the meantime. Look at it again.")
    status = 412


class IdempotencyMismatch(DomainError):
    code = "idempotency_mismatch"
    message = _("This key was already used with other content.")
    status = 422


class CapacityExceeded(DomainError):
    code = "capacity_exceeded"
    message = _("The partner organisation has no free places.")
    status = 409


class AlreadyAccepted(DomainError):
    code = "already_accepted"
    message = _("Another partner organisation has accepted this case.")
    status = 409


class AgreementNotValid(DomainError):
    code = "agreement_not_valid"
    message = _("There is no valid agreement for this.")
    status = 409


class ReasonRequired(DomainError):
    code = "reason_required"
    message = _("Please give a reason.")
    status = 422


class InvalidTarget(DomainError):
    """`params["reason"]` says what is wrong: malformed, too_long, scheme, port, host or address."""

    code = "invalid_target"
    message = _("This address cannot be used.")
    status = 422


class NoPartner(DomainError):
    code = "no_partner"
    message = _("No partner organisation can take this case.")
    status = 409


class CannotMerge(DomainError):
    """`params["reason"]`: ended (the other case), merged (it is itself merged), has_merged (others are merged into
    this one) or taken_back (one of the two reports was)."""

    code = "cannot_merge"
    message = _("These two cases cannot be merged.")
    status = 409


class InAnotherGroup(DomainError):
    code = "in_another_group"
    message = _("This case is in another group already.")
    status = 409


class OneJobAtATime(DomainError):
    code = "one_job_at_a_time"
    message = _("Your last one has not ended yet. Wait for it or stop it.")
    status = 409
