"""Who is said to have done it."""

from django.utils.translation import gettext_lazy as _

from intake.actions.check_entry import NAME
from intake.vocabulary import ActorKind

from .base import Line, OneOf, StepForm


class ActorForm(StepForm):
    section = "actor"
    title = _("Who did this?")
    actor_kind = OneOf(
        label=_("Who is it?"),
        help_text=_("So that nobody connected with them is asked to help."),
        choices=ActorKind.choices,
    )
    actor_name = Line(
        limit=NAME, label=_("Name, company or office"), help_text=_("Only if you know it and want to write it.")
    )
