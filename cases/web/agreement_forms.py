"""Forms of agreements and transfers: the shape of what is typed. What an agreement must be, the actions say."""

from typing import Any, Self
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.check_agreement import LANGUAGES, TITLE_LENGTH, Terms
from cases.models import Agreement, AgreementVersion
from cases.web import words
from cases.web.forms import LONGEST_TEXT, Dressed, OnCase
from cases.workflow import TransferReason
from intake.queries import reference_data
from intake.vocabulary import DataGroup


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=help_text)


def _boxes(label: Any, help_text: Any = "", *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=required, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


class TermsForm(Dressed):
    """One version of an agreement."""

    title_az = forms.CharField(label=_("title in Azerbaijani"), max_length=TITLE_LENGTH)
    title_ru = forms.CharField(label=_("title in Russian"), max_length=TITLE_LENGTH)
    title_en = forms.CharField(label=_("title in English"), max_length=TITLE_LENGTH)
    valid_from = _day(_("valid from"))
    valid_until = _day(_("valid until"), _("The last valid day, in the time zone below."))
    timezone = forms.CharField(label=_("time zone"), max_length=40, help_text=_("For example Asia/Baku."))
    countries = _boxes(_("countries"), _("None ticked: all of them."))
    categories = _boxes(_("categories"), _("None ticked: all of them."))
    data_groups = _boxes(_("data that may be passed on"), required=True)
    wind_down = forms.ChoiceField(label=_("after the last day"), choices=list(words.WIND_DOWNS.items()))

    def __init__(self, *args: Any, newest: AgreementVersion | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        known = reference_data()
        countries = {row.code: row.label() for row in known.stay_countries()}
        kept = newest.countries if newest else []
        self.fields["countries"].choices = list({**{code: code for code in kept}, **countries}.items())  # type: ignore[attr-defined]
        self.fields["categories"].choices = [  # type: ignore[attr-defined]
            (code, f"{code} {row.label()}") for code, row in known.categories.items()
        ]
        self.fields["data_groups"].choices = DataGroup.choices  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(
            labels={code: given[f"title_{code}"] for code in LANGUAGES},
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            timezone=given["timezone"].strip(),
            countries=tuple(given["countries"]),
            categories=tuple(given["categories"]),
            data_groups=tuple(given["data_groups"]),
            wind_down=given["wind_down"],
        )


class NewAgreementForm(TermsForm):
    kind = forms.ChoiceField(
        label=_("kind of agreement"),
        choices=[
            (Agreement.Kind.PARTNER.value, _("agreement of our side with a partner organisation")),
            (Agreement.Kind.MEMORANDUM.value, _("memorandum between both sides")),
        ],
    )
    partner = forms.TypedChoiceField(label=_("partner organisation"), required=False, coerce=UUID, empty_value=None)
    under_memorandum = forms.BooleanField(
        label=_("stands under the memorandum"),
        required=False,
        help_text=_("Then it counts only while a memorandum is in force."),
    )
    field_order = ("kind", "partner", "under_memorandum")

    def __init__(self, *args: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = [("", "—"), *((str(one.pk), one.name()) for one in partners)]  # type: ignore[attr-defined]


class AmendForm(TermsForm):
    """Begins with the newest version. `seen`: its number."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @classmethod
    def beginning(cls, newest: AgreementVersion) -> Self:
        names = ("valid_from", "valid_until", "timezone", "countries", "categories", "data_groups", "wind_down")
        initial = {name: getattr(newest, name) for name in names}
        titles = {f"title_{code}": newest.labels.get(code, "") for code in LANGUAGES}
        return cls(initial={**initial, **titles, "seen": newest.number}, newest=newest)


class EndForm(Dressed):
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    last_day = _day(_("last valid day"), _("From today on, and before the present last day."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "endform_%s")
        super().__init__(*args, **kwargs)


class DecisionForm(Dressed):
    act = forms.ChoiceField(choices=[("approve", "approve"), ("refuse", "refuse")])


class TransferForm(OnCase):
    reason_code = forms.ChoiceField(
        label=_("why"),
        choices=[("", "—"), *TransferReason.choices],
        help_text=_("The supervisor of the other side reads this before deciding."),
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_TEXT,
        help_text=_("In your own words. Kept sealed; whoever opens the case reads it."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
