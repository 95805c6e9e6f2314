"""The forms of the reporter's page. Most are those of the report; here stand the ones that only the page has."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Textarea
from django.utils.translation import gettext_lazy as _

from intake.actions.check_entry import NAME, PASSAGE, STORY
from intake.actions.complain import LENGTH as COMPLAINT
from intake.actions.messages import LENGTH as MESSAGE
from intake.models import Body
from intake.questionnaire import DayField
from intake.vocabulary import Gender

from .base import Line, OneOf, StepForm, Text, is_about_another
from .contact import ContactDetailsForm, SubjectContactDetailsForm

US = "us"


class NoForm(StepForm):
    """A button alone."""

    section = "page"


class MessageForm(StepForm):
    section = "message"
    text = Text(
        limit=MESSAGE,
        label=_("Write to us"),
        help_text=_("In any language. One of us reads it."),
        widget=Textarea(attrs={"rows": "6"}),
    )


class ComplaintForm(StepForm):
    section = "complaint"
    title = _("Complain")
    about = OneOf(label=_("About whom?"))
    text = Text(limit=COMPLAINT, label=_("What went wrong?"), widget=Textarea(attrs={"rows": "6"}))

    def __init__(self, *args: Any, organisations: Mapping[UUID, Body], **kwargs: Any) -> None:
        self.organisations = organisations
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        known = [(str(pk), body.label(self.lang)) for pk, body in self.organisations.items()]
        self.fields["about"].choices = [*known, (US, _("About us"))]  # type: ignore[attr-defined]
        self.fields["about"].required = bool(known)
        if not known:
            del self.fields["about"]

    @property
    def about_whom(self) -> UUID | None:
        chosen = self.cleaned_data.get("about") or US
        return None if chosen == US else UUID(chosen)


class AdditionForm(StepForm):
    section = "story"
    text = Text(
        limit=STORY,
        label=_("What do you want to add?"),
        help_text=_("It is put beside what you wrote before, with today's date."),
        widget=Textarea(attrs={"rows": "8"}),
    )


class IdentityForm(StepForm):
    section = "identity"
    title = _("Who you are")
    lead = _("You never have to say it. What you write here replaces what stood there before.")
    name = Line(limit=NAME, label=_("What is your name?"))
    birth_date = DayField(label=_("When were you born?"), required=False)
    gender = OneOf(label=_("Are you a woman or a man?"), choices=Gender.choices)

    @property
    def heading(self) -> Any:
        return _("About the person") if is_about_another(self.draft) else self.title

    def offer(self) -> None:
        """Of the person concerned, as in the report: who writes must not give their own name in its place."""
        if is_about_another(self.draft):
            self.fields["name"].label = _("What is this person's name?")
            self.fields["birth_date"].label = _("When was this person born?")
            self.fields["gender"].label = _("Is this person a woman or a man?")

    def answers(self) -> dict[str, Any]:
        day = self.cleaned_data.get("birth_date")
        given = {**self.cleaned_data, "birth_date": day.isoformat() if day else ""}
        return {name: value for name, value in given.items() if value}


class FamilyForm(StepForm):
    section = "family"
    text = Text(
        limit=PASSAGE,
        label=_("Your family"),
        help_text=_("What helpers should know. It replaces what stood there before."),
        widget=Textarea(attrs={"rows": "5"}),
    )

    def offer(self) -> None:
        if is_about_another(self.draft):
            self.fields["text"].label = _("This person's family")


class ActorNameForm(StepForm):
    section = "actor"
    text = Line(
        limit=NAME,
        label=_("Name, company or office"),
        help_text=_("Who did this. It replaces what stood there before."),
    )


class _UntilADay(ContactDetailsForm):
    """Adds until when all of this holds."""

    def offer(self) -> None:
        super().offer()
        notify = self.fields.pop("notify", None)
        self.fields["valid_until"] = DayField(
            label=_("Until which day is this safe?"),
            help_text=_("After that day we do not contact you. If you leave it empty: until you change it."),
            required=False,
        )
        self.fields["valid_until"].widget.attrs["class"] = "field short"
        if notify is not None:
            self.fields["notify"] = notify


class PageContactForm(_UntilADay):
    lead = _("Write everything anew: it replaces what stood there before. A message never says what it is about.")


class PageSubjectContactForm(SubjectContactDetailsForm, _UntilADay):
    lead = PageContactForm.lead
