"""Whom the report concerns."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import OneOf, StepForm, Words

UNAWARE = "other_unaware"  # one choice on the page, two answers in the draft


class AboutForm(StepForm):
    section = "about"
    about = OneOf(
        label=_("Whom do you want to tell us about?"),
        help_text=_("So that we ask the right questions and write to the right person."),
    )

    def offer(self) -> None:
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            ("me", _("About me")),
            ("other", Words.of(_("About someone else"), _("This person knows that I am writing"))),
            (UNAWARE, Words.of(_("About someone else"), _("This person does not know that I am writing"))),
        ]

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {"about": UNAWARE if answers.get("subject_unaware") else answers.get("about", "")}

    def answers(self) -> dict[str, Any]:
        chosen = self.cleaned_data["about"]
        return {"about": "other" if chosen == UNAWARE else chosen, "subject_unaware": chosen == UNAWARE}
