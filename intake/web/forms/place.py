"""Where the person is now: country, then region."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.queries import reference_data
from intake.web.sorting import in_order

from .base import FromList, OneOf, StepForm, is_about_another, labelled


class CountryForm(StepForm):
    section = "where"
    country = OneOf(
        label=_("Which country are you in now?"),
        help_text=_("If you write about someone else: where that person is. Help differs from country to country."),
        required=True,
    )

    def offer(self) -> None:
        if is_about_another(self.draft):
            self.fields["country"].label = _("Which country is this person in now?")
        self.fields["country"].choices = labelled(reference_data().stay_countries(), self.lang)  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """A region of another country does not stay."""
        country = self.cleaned_data["country"]
        if country != (self.draft.get("where") or {}).get("country"):
            return {"country": country, "region": ""}
        return {"country": country}


class RegionForm(StepForm):
    section = "where"
    region = FromList(
        label=_("In which region?"),
        help_text=_("To find help near you. You can leave this empty."),
    )

    def offer(self) -> None:
        country = (self.draft.get("where") or {}).get("country", "")
        regions = in_order(labelled(reference_data().regions_of(country), self.lang), self.lang)
        self.fields["region"].choices = [("", _("I don't know, or I do not want to say")), *regions]  # type: ignore[attr-defined]
