"""What happened: the kind of problem in the reporter's words, then a finer one."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.queries import reference_data

from .base import OneOf, StepForm, is_about_another


class CategoryForm(StepForm):
    section = "what"
    category = OneOf(
        label=_("What happened?"),
        help_text=_("Choose what matters most now. You can write about the rest later."),
        required=True,
    )

    def offer(self) -> None:
        if is_about_another(self.draft):
            self.fields["category"].label = _("What happened to this person?")
            self.fields["category"].help_text = _("Choose as this person would. You can write about the rest later.")
        rows = reference_data().categories.values()
        self.fields["category"].choices = [(row.code, row.reporter_label(self.lang)) for row in rows]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """A finer kind belongs to its category and goes with it."""
        category = self.cleaned_data["category"]
        if category != (self.draft.get("what") or {}).get("category"):
            return {"category": category, "subcode": ""}
        return {"category": category}


class SubcodeForm(StepForm):
    section = "what"
    subcode = OneOf(label=_("Which of these is closest?"))

    def offer(self) -> None:
        category = (self.draft.get("what") or {}).get("category", "")
        field = self.fields["subcode"]
        data = reference_data()
        field.choices = [  # type: ignore[attr-defined]
            *((row.code, row.reporter_label(self.lang)) for row in data.subcodes_of(category)),
            ("", _("None of these, or I don't know")),
        ]
        if category in data.categories:
            field.help_text = data.categories[category].reporter_label(self.lang)
