"""Forms for what a partner told us by telephone, for taking a case from it, and for a new round; which stand where."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actions.progress_referral import NEXT_STEP_LENGTH
from cases.models import Referral
from cases.web import words
from cases.web.forms import OnCase
from cases.workflow import (
    PARTNER_OUTCOMES,
    ContactChannel,
    DeclineReason,
    Outcome,
    Reached,
    ReferralState,
)

LONGEST_NOTE = 2_000  # characters


def _note(label: Any, *, help_text: Any = "", required: bool = False, limit: int = LONGEST_NOTE) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=limit, required=required, help_text=help_text, widget=widget)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class AcceptForm(OnCase):
    pass


class DeclineForm(OnCase):
    reason = forms.ChoiceField(label=_("reason"), choices=DeclineReason.choices)
    note = _note(_("internal note"))
    paused_until = _day(_("last day of the pause, if it has no free places"))


class ContactedForm(OnCase):
    reached = forms.ChoiceField(label=_("did the partner reach the person?"), choices=Reached.choices)
    channel = forms.ChoiceField(label=_("channel"), choices=ContactChannel.choices)
    at = forms.DateTimeField(
        label=_("when"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class ProgressForm(OnCase):
    next_step = _note(
        _("next step"),
        limit=NEXT_STEP_LENGTH,
        help_text=_("The person reads it on their page, as the partner's own words."),
    )
    expected_by = _day(_("expected by"))
    note = _note(_("internal note"))


class CompleteForm(OnCase):
    outcome = forms.ChoiceField(
        label=_("outcome"),
        choices=[(code, label) for code, label in Outcome.choices if code in PARTNER_OUTCOMES],
    )
    summary = _note(_("summary"), help_text=_("For the caseworker who closes the case."))


class ReturnForm(OnCase):
    reason = forms.ChoiceField(label=_("reason"), choices=DeclineReason.choices)
    note = _note(_("internal note"))


class WithdrawForm(OnCase):
    reason = _note(_("reason"), required=True, help_text=_("Kept as an internal note."))


class TransferForm(OnCase):
    partner = forms.ChoiceField(label=_("partner organisation"))
    reason = _note(_("reason"), required=True, help_text=_("Kept as an internal note."))

    def __init__(self, *args: Any, partners: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [(pk, row) for pk, row in partners.items() if row["is_active"] and not row["is_excluded"]]
        named = [(pk, words.label(row["body__labels"])) for pk, row in usable]
        self.fields["partner"].choices = [("", "—"), *named]  # type: ignore[attr-defined]


class NewRoundForm(OnCase):
    reason = _note(_("reason"), required=True, help_text=_("Kept as an internal note."))


@dataclass(frozen=True, slots=True)
class Choice:
    form: type[OnCase]
    label: Any
    is_ours: bool = False  # a caseworker's own act, not something that the partner told us


CHOICES: Mapping[str, Choice] = {
    "accept": Choice(AcceptForm, _("It accepts the case")),
    "decline": Choice(DeclineForm, _("It declines the case")),
    "contacted": Choice(ContactedForm, _("It reached the person, or tried to")),
    "progress": Choice(ProgressForm, _("It says how it goes on")),
    "complete": Choice(CompleteForm, _("It has finished")),
    "return": Choice(ReturnForm, _("It gives the case back")),
    "transfer": Choice(TransferForm, _("Hand the case over to another partner"), is_ours=True),
    "withdraw": Choice(WithdrawForm, _("Take the case back from it"), is_ours=True),
}
_IN_HAND = ("return", "transfer", "withdraw")
_POSSIBLE: Mapping[str, tuple[str, ...]] = {
    ReferralState.OFFERED: ("accept", "decline", "withdraw"),
    ReferralState.ACCEPTED: ("contacted", *_IN_HAND),
    ReferralState.CONTACTED: ("progress", "contacted", *_IN_HAND),
    ReferralState.IN_SERVICE: ("complete", "progress", "contacted", *_IN_HAND),
}


@dataclass(frozen=True, slots=True)
class MovePanel:
    """One move that is possible now, with its form. `name` is how a refusal finds it."""

    move: str
    name: str
    label: Any
    is_ours: bool
    form: OnCase


@dataclass(frozen=True, slots=True)
class InHand:
    referral: Referral
    moves: Sequence[MovePanel]


def form_of(move: str, referral: Referral, partners: Mapping[str, Any], data: Any = None, **initial: Any) -> OnCase:
    extra: dict[str, Any] = {"partners": partners} if move == "transfer" else {}
    return CHOICES[move].form(data, initial=initial, auto_id=f"{move}-{referral.pk}_%s", **extra)


def panel_name(move: str, referral: Referral) -> str:
    return f"{move}-{referral.pk}"


def in_hand(
    referrals: Sequence[Referral],
    partners: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    seen: str,
    now: datetime,
    may: Collection[str],
) -> list[InHand]:
    """Each open referral with the moves that its state allows. `given`: forms that were sent, by the name of their
    panel."""
    if "record_move" not in may:
        return []
    found = []
    for referral in referrals:
        moves = [
            MovePanel(move, name, CHOICES[move].label, CHOICES[move].is_ours, given.get(name) or fresh)
            for move in _POSSIBLE.get(referral.state, ())
            for name in [panel_name(move, referral)]
            for fresh in [form_of(move, referral, partners, seen=seen, at=timezone.localtime(now))]
        ]
        if moves:
            found.append(InHand(referral, moves))
    return found
