"""Forms about other cases: a link, a merge, a group. Other cases are named by their reference."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.give_back import BY_HAND
from cases.models import User
from cases.web.forms import LONGEST_TEXT, Dressed, OnCase
from cases.web.life_forms import moment_field
from cases.workflow import LinkKind, LinkState, SeparationReason

GROUP_ACTS = (
    ("note", _("Keep the same internal note in each case")),
    ("write", _("Write the same message to each reporter")),
    ("propose", _("Propose partners for each case")),
    ("take", _("Make one person responsible for each case")),
    ("follow_up", _("Follow up each case on the same day")),
)


def _reference(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class LinkForm(OnCase):
    reference = _reference(_("reference of the other case"))
    kind = forms.ChoiceField(label=_("what is the same"), choices=LinkKind.choices)
    state = forms.ChoiceField(
        choices=[(state, state) for state in (LinkState.CONFIRMED, LinkState.REFUSED, LinkState.UNDONE)]
    )


class MergeForm(OnCase):
    reference = _reference(_("merge this case into"))


class UnmergeForm(OnCase):
    reason = forms.ChoiceField(
        label=_("reason"), choices=[("", "—"), *(one for one in SeparationReason.choices if one[0] in BY_HAND)]
    )


class GroupForm(OnCase):
    reference = _reference(_("reference of another case of the same incident"))


class UngroupForm(OnCase):
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class GroupActForm(Dressed):
    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)
    act = forms.ChoiceField(label=_("do this"), choices=GROUP_ACTS)
    cases = forms.MultipleChoiceField(label=_("cases"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("text"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("For a note, a message or a follow-up. A message must not say that there are others."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    at = moment_field(_("day and hour"), required=False, help_text=_("For a follow-up."))
    user = forms.ModelChoiceField(
        label=_("responsible"),
        queryset=User.objects.none(),
        required=False,
        empty_label="—",
        help_text=_("Without a choice you; of a follow-up, whoever is responsible for each case."),
    )

    def __init__(self, *args: Any, cases: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(str(case.pk), case.reference) for case in cases]  # type: ignore[attr-defined]
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["user"].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]


class GroupNoteForm(Dressed):
    text = forms.CharField(
        label=_("add to the shared note"),
        max_length=LONGEST_TEXT,
        help_text=_(
            "About the incident, not about one person. When somebody deletes their report, what was written here "
            "while their case was in the group is deleted with it."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_note_%s", **kwargs)  # its text stands beside that of the acts


def link_forms(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Unbound, as they stand on a case file."""
    return {
        "link": LinkForm(initial=seen),
        "merge": MergeForm(initial=seen),
        "unmerge": UnmergeForm(initial=seen),
        "group_case": GroupForm(initial=seen),
    }
