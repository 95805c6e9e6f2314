"""Forms of a case's life: its end, reopening, attempts to reach the person, follow-ups, who is responsible."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case, User
from cases.web.forms import LONGEST_TEXT, Dressed, OnCase
from cases.workflow import CLOSING_OUTCOMES, RESOLVING_OUTCOMES, ContactResult, Outcome, ReopenReason
from intake.vocabulary import ContactMethod

MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def moment_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """Day and hour as they are on the clock of whoever is reminded: the action knows the zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"}, format=MOMENTS[0])
    return forms.DateTimeField(
        label=label, input_formats=MOMENTS, widget=widget, required=required, help_text=help_text
    )


class _Ending(OnCase):
    outcome = forms.ChoiceField(label=_("outcome"), choices=[("", "—"), *Outcome.choices])
    words = forms.CharField(
        label=_("in words"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("Kept as an internal note."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def offer_only(self, outcomes: Iterable[str]) -> None:
        """The list on the page; that an outcome fits, the action says."""
        fitting = [(code, label) for code, label in Outcome.choices if code in set(outcomes)]
        self.fields["outcome"].widget.choices = [("", "—"), *fitting]  # type: ignore[attr-defined]


class ResolveForm(_Ending):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_only(RESOLVING_OUTCOMES)


class CloseForm(_Ending):
    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = CLOSING_OUTCOMES.get(case.state, frozenset())
        self.offer_only(fitting)
        if case.outcome in fitting:
            self.fields["outcome"].initial = case.outcome
        elif len(fitting) == 1:
            self.fields["outcome"].initial = next(iter(fitting))


class ClosingDecisionForm(OnCase):
    act = forms.ChoiceField(choices=[(name, name) for name in ("approve", "send_back", "take_back")])
    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


class ReopenForm(OnCase):
    reason = forms.ChoiceField(label=_("reason"), choices=ReopenReason.choices)


class AttemptForm(OnCase):
    channel = forms.ChoiceField(label=_("way of contact"), choices=ContactMethod.choices)
    result = forms.ChoiceField(
        choices=[(one.value, one.label) for one in ContactResult if one is not ContactResult.LEFT_UNREAD]
    )


class FollowUpForm(OnCase):
    text = forms.CharField(
        label=_("what is to be done"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    at = moment_field(_("day and hour"))
    user = forms.ChoiceField(
        label=_("for whom"), required=False, help_text=_("Day and hour are on the clock of the one who is reminded.")
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(person.pk), person.name) for person in people]
        whoever = _("whoever is responsible")
        self.fields["user"].choices = [("", whoever), *named]  # type: ignore[attr-defined]


class FollowUpActForm(Dressed):
    act = forms.ChoiceField(choices=[(name, name) for name in ("done", "move", "remove")])
    at = forms.DateTimeField(label=_("day and hour"), input_formats=MOMENTS, required=False)


class AssignForm(OnCase):
    user = forms.ChoiceField(label=_("responsible"), required=False)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(person.pk), person.name) for person in people]
        self.fields["user"].choices = [("", _("nobody")), *named]  # type: ignore[attr-defined]
