"""The shape of new routing settings. What makes them impossible is said by cases/routing/terms.py."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.web import words
from cases.web.forms import Dressed


def _share(label: Any, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(label=label, help_text=help_text, widget=forms.NumberInput(attrs={"step": "any"}))


def _hours(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text)


class RoutingForm(Dressed):
    """One field for each number; `weights__free` is `definition["weights"]["free"]`."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    weights__specialised = _share(_("specialised service"))
    weights__certain = _share(_("takes this person for certain"))
    weights__area = _share(_("works in the region by name"))
    weights__language = _share(_("speaks the person's language itself"))
    weights__record = _share(_("has accepted what it was offered"))
    weights__free = _share(_("free places"))
    prices__worth__1 = _share(words.URGENCIES[1])
    prices__worth__2 = _share(words.URGENCIES[2])
    prices__worth__3 = _share(words.URGENCIES[3])
    prices__worth__4 = _share(words.URGENCIES[4])
    prices__strength = _share(
        _("how strongly a price holds ordinary cases back"), _("0: not at all. 1: as much as the price says.")
    )
    prices__surge = _share(
        _("how many more are expected in a wave"), _("For each case of the same category and region in three days.")
    )
    reserve__share = _share(_("share of a scarce partner's places kept for urgent cases"), _("0.1 is a tenth."))
    reserve__scarce_from = _share(_("price from which a partner is scarce"))
    reserve__opens_after__3 = _hours(_("hours after which nothing is kept from a case: U3 Soon"))
    reserve__opens_after__4 = _hours(_("hours after which nothing is kept from a case: U4 Ordinary"))
    reserve__again_after = _hours(_("hours after which a held case is tried again"))
    reason = forms.CharField(label=_("reason"), max_length=200, help_text=_("Kept with the version. Name no person."))

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """The numbers in the order in which they are explained above the form."""
        titles = {
            "weights": _("Weights: together they make 1"),
            "prices__worth": _("Worth of a case"),
            "prices": _("Prices"),
            "reserve": _("Urgent reserve"),
        }
        found: dict[str, list[Any]] = {part: [] for part in titles}
        for name in self.fields:
            part = next(
                (part for part in ("weights", "prices__worth", "prices", "reserve") if name.startswith(part)), ""
            )
            if part:
                found[part].append(self[name])
        return [(title, found[part]) for part, title in titles.items()]

    def definition(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            *path, last = name.split("__")
            if path:
                inner = made
                for part in path:
                    inner = inner.setdefault(part, {})
                inner[last] = value
        return made

    def refuse(self, fields: Any) -> None:
        """A fault of the weights together stands at the first of them."""
        first = {"weights": "weights__specialised"}
        super().refuse({first.get(at, at.replace(".", "__")): messages for at, messages in fields.items()})


def initial_of(definition: Mapping[str, Any], version: int) -> dict[str, Any]:
    found: dict[str, Any] = {"based_on": version}
    for name in RoutingForm.base_fields:
        *path, last = name.split("__")
        if path:
            inner: Any = definition
            for part in path:
                inner = inner.get(part, {})
            found[name] = inner.get(last)
    return found
