"""Who should look after the report."""

from django.utils.translation import gettext_lazy as _

from intake.vocabulary import Handler

from .base import OneOf, StepForm


class HandlerForm(StepForm):
    section = "handler"
    handler = OneOf(
        label=_("Who should look after your report?"),
        help_text=_("Some people would rather not be known in one of the countries."),
        choices=Handler.choices,
    )
