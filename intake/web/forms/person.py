"""A little about the person. Nothing here is required."""

from django.utils.translation import gettext_lazy as _

from intake.actions.check_entry import NAME, STATELESS
from intake.queries import reference_data
from intake.vocabulary import AgeBand
from intake.web.sorting import in_order

from .base import FromList, Line, OneOf, StepForm, is_about_another, labelled

NOT_SAID = ("", _("I do not want to say"))


class PersonForm(StepForm):
    section = "person"
    language = FromList(label=_("In which language should we answer you?"))
    age_band = OneOf(label=_("How old are you?"))
    citizenship = FromList(
        label=_("Which citizenship do you have?"), help_text=_("It decides who has a duty to protect you.")
    )
    identity_name = Line(
        limit=NAME, label=_("What is your name?"), help_text=_("You can leave this empty, or write any name.")
    )

    @property
    def heading(self) -> str:
        return str(_("About the person")) if is_about_another(self.draft) else str(_("About you"))

    def offer(self) -> None:
        data, words = reference_data(), self.lang
        languages = list(data.languages.values())
        ours = [(row.code, row.label(words)) for row in languages if row.is_interface]
        others = in_order(labelled([row for row in languages if not row.is_interface], words), words)
        self.fields["language"].choices = [*sorted(ours, key=lambda one: one[0] != words), *others]  # type: ignore[attr-defined]
        here = [(row.code, row.label(words)) for row in data.countries.values() if row.is_stay]
        elsewhere = in_order(labelled([row for row in data.countries.values() if not row.is_stay], words), words)
        stateless = (STATELESS, _("I have no citizenship"))
        self.fields["citizenship"].choices = [NOT_SAID, *here, stateless, *elsewhere]  # type: ignore[attr-defined]
        self.fields["age_band"].choices = AgeBand.choices  # type: ignore[attr-defined]
        if is_about_another(self.draft):
            self._ask_about_another()

    def _ask_about_another(self) -> None:
        self.fields["age_band"].label = _("How old is this person?")
        self.fields["citizenship"].label = _("Which citizenship does this person have?")
        self.fields["identity_name"].label = _("What is this person's name?")
        self.fields["identity_name"].help_text = _("You can leave this empty.")
