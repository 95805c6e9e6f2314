"""Who must not see the report."""

from typing import Any

from django.db.models import Q
from django.forms import Textarea
from django.utils.translation import gettext_lazy as _

from intake.actions.check_entry import MOST_BODIES, PASSAGE
from intake.models import Body
from intake.web.sorting import in_order

from .base import SomeOf, StepForm, Text, Words

LONGEST_LIST = 150  # names on the page; anybody else can be written into the field


class ExcludeForm(StepForm):
    section = "exclude"
    title = _("Who must not see this?")
    titled = True
    must_not_see_text = Text(
        limit=PASSAGE,
        label=_("Write the names"),
        help_text=_("An organisation, an office, a person. One of us reads this. You can leave this empty."),
        widget=Textarea(attrs={"rows": "3"}),
    )
    must_not_see = SomeOf(label=_("Or choose from the list"), help_text=_("They are never asked to help."))

    def offer(self) -> None:
        bodies = bodies_near((self.draft.get("where") or {}).get("country", ""))
        names = [(str(body.pk), Words.of(body.label(self.lang), body.get_kind_display())) for body in bodies]
        self.fields["must_not_see"].choices = in_order(names, self.lang)  # type: ignore[attr-defined]
        self.fields["must_not_see"].folded = True  # type: ignore[attr-defined]
        if not names:
            del self.fields["must_not_see"]

    def clean_must_not_see(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["must_not_see"]
        return chosen[:MOST_BODIES]

    def answers(self) -> dict[str, Any]:
        return {"must_not_see": [], **self.cleaned_data}


def bodies_near(country: str) -> list[Body]:
    """Active bodies of the country or of none, at most LONGEST_LIST."""
    here = Body.objects.filter(Q(country=country) | Q(country__isnull=True), is_active=True)
    return list(here.order_by("id")[:LONGEST_LIST])
