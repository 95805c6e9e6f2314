"""The shape of what the console's forms may send. Rules are the actions'; the words on the page are the templates'."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from cases.actions.manage_accounts import GIVEN_BY_ONE
from cases.models.user import Role
from cases.web import words
from intake.queries import ReferenceData, reference_data

LONGEST_TEXT = 10_000
AT_ONCE = 5  # partners that one offer can name


class Dressed(forms.Form):
    """Controls carry Bootstrap's classes, so that templates need not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select) and not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs.setdefault("class", "form-select")
            elif not isinstance(field.widget, forms.CheckboxSelectMultiple | forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "form-control")

    def refuse(self, fields: Any) -> None:
        """Shows an action's refusal at the fields it names, or above the form when there is no such field."""
        for name, messages in fields.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class OnCase(Dressed):
    """Every form of a case file says which state of the case the person had before them."""

    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")  # several of them stand on one page
        super().__init__(*args, **kwargs)


class TakeForm(OnCase):
    pass


class NoteForm(OnCase):
    text = forms.CharField(
        label=_("internal note"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class TriageForm(OnCase):
    kind = forms.ChoiceField(label=_("category"))
    urgency = forms.TypedChoiceField(label=_("urgency"), coerce=int, choices=list(words.URGENCIES.items()))
    next_step = forms.ChoiceField(label=_("next step"), choices=list(words.STEPS.items()))
    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("Needed when the urgency is lowered below the computed one. Kept as an internal note."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds(reference_data())  # type: ignore[attr-defined]

    def refuse(self, fields: Any) -> None:
        super().refuse({"kind" if name in {"category", "subcode"} else name: said for name, said in fields.items()})


def kinds(known: ReferenceData) -> list[tuple[str, list[tuple[str, str]]]]:
    """Categories with their subcodes, `DET` or `DET.POLICE`, as one choice."""
    return [
        (
            category.label(),
            [(code, f"{code} {category.label()}")]
            + [(f"{code}.{row.code}", f"{code} {row.label()}") for row in known.subcodes_of(code)],
        )
        for code, category in known.categories.items()
    ]


class OfferForm(OnCase):
    """`partner` from the proposal, or `other` with a reason."""

    decision = forms.UUIDField(required=False, widget=forms.HiddenInput)
    partner = forms.TypedMultipleChoiceField(required=False)
    other = forms.ChoiceField(label=_("partner organisation"), required=False)
    reason = forms.CharField(
        label=_("reason"),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(pk, words.label(row["body__labels"])) for pk, row in partners.items()]
        self.fields["partner"].choices = named  # type: ignore[attr-defined]
        self.fields["other"].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        chosen = [*given.get("partner", ()), *([given["other"]] if given.get("other") else [])]
        if not self.errors and not 0 < len(set(chosen)) <= AT_ONCE:
            raise forms.ValidationError(_("Please choose a partner organisation."))
        given["chosen"] = list(dict.fromkeys(chosen))
        return given


class ShiftForm(Dressed):
    """Times are local to the person who types them."""

    user = forms.ChoiceField(label=_("person"))
    starts_at = forms.DateTimeField(label=_("from"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    ends_at = forms.DateTimeField(label=_("until"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [(str(person.pk), person.name) for person in people]  # type: ignore[attr-defined]
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs={"type": "datetime-local", "class": "form-control"}, format="%Y-%m-%dT%H:%M"
            )


class ClientForm(Dressed):
    name = forms.CharField(label=_("name of the client"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("it may"),
        choices=list(oauth2_settings.SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["referrals:read", "referrals:answer", "cases:read"],
    )


class AccountForm(Dressed):
    name = forms.CharField(label=_("name"), max_length=120)
    email = forms.EmailField(label=_("e-mail"), max_length=254)
    roles = forms.MultipleChoiceField(
        label=_("roles"),
        choices=[(role.value, role.label) for role in GIVEN_BY_ONE],
        widget=forms.CheckboxSelectMultiple,
    )
    directions = forms.TypedMultipleChoiceField(
        label=_("directions"),
        coerce=int,
        required=False,
        choices=[
            (1, _("Youth and student activities")),
            (2, _("Education, science and culture")),
            (3, _("Human rights, migration issues and public oversight")),
            (4, _("Joint action and exchange programmes")),
        ],
        help_text=_("For working-group members."),
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)


ROLE_LABELS = dict(Role.choices)
