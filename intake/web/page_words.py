"""What stands on the reporter's page besides the status: consent in force, who has seen what, safe contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from intake.models import Body, PartnerErasure
from intake.queries import ConsentInForce, reference_data
from intake.queries.mailboxes import ContactRules, Seen
from intake.vocabulary import WEEKDAYS, ContactMethod, Voice

from .times import day_in_words, moment_in_words


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class ConsentWords:
    rows: list[Line]
    can_stop: bool
    what_follows: str


@dataclass(frozen=True, slots=True)
class SeenWords:
    who: str
    purpose: str
    at: str


def consent_words(consent: ConsentInForce, language: str) -> ConsentWords:
    """In the words of the questions that were asked."""
    text = reference_data().consent_text
    if text is None:
        return ConsentWords([], consent.allows_offer, "")
    definition = text.definition
    asked = {question["key"]: question for question in definition["questions"]}
    groups = [option for option in definition["groups"]["options"] if option["code"] in consent.groups]
    rows = [_answered(asked["share"], consent.share, language)]
    if consent.allows_offer:
        rows.append(_answered(asked["cross_border"], "yes" if consent.cross_border else "no", language))
        shown = [_in(option, language) for option in groups] or [_("Nothing")]
        rows.append(Line(_in(definition["groups"], language), shown))
    lines = {row["key"]: _in(row, language) for row in definition["explanations"]}
    return ConsentWords(rows, consent.allows_offer, lines.get("stop_works_at_once", ""))


@dataclass(frozen=True, slots=True)
class OrganisationWords:
    id: UUID
    name: str
    says: str
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class ErasureWords:
    name: str
    since: str


def organisation_words(body: Body, consent: ConsentInForce, language: str) -> OrganisationWords:
    """What holds for this organisation now; whether it has the report, cases knows."""
    is_allowed = consent.allows_disclosure_to(body.pk)
    says = _("It may see what you have ticked.") if is_allowed else _("It may not see anything.")
    return OrganisationWords(body.pk, body.label(language), says, is_allowed)


def erasure_words(row: PartnerErasure, *, zone: tzinfo) -> ErasureWords:
    return ErasureWords(row.body.label(), moment_in_words(row.asked_at, zone))


def seen_words(seen: Seen, *, zone: tzinfo) -> SeenWords:
    """Staff stay unnamed."""
    who = seen.organisation.label() if seen.organisation else _WHO.get(seen.voice, _WHO[Voice.CASEWORKER])()
    return SeenWords(who, seen.purpose_label, moment_in_words(seen.at, zone))


_WHO = {
    Voice.REPORTER.value: lambda: _("You"),
    Voice.PARTNER.value: lambda: _("An organisation that helps"),
    Voice.CASEWORKER.value: lambda: _("One of us"),
}


def contact_words(rules: ContactRules | None) -> list[str]:
    """The rules only; the number or address never leaves the store for this page."""
    if rules is None or rules.never_contact:
        return [_("We do not contact you. You look here.")]
    lines = [str(ContactMethod(rules.method).label)]
    if rules.days:
        names = dict(WEEKDAYS)
        lines.append(", ".join(str(names[day]) for day in rules.days))
    else:
        lines.append(_("On every day"))
    if rules.hours_from and rules.hours_until:
        hours = {"start": f"{rules.hours_from:%H:%M}", "end": f"{rules.hours_until:%H:%M}"}
        lines.append(_("From {start} until {end}, your local time").format(**hours))
    if rules.device_shared == "yes":
        lines.append(_("Somebody else uses this phone."))
    if rules.method == ContactMethod.PHONE:
        lines.append(_("We may leave a message.") if rules.may_leave_message else _("We leave no message."))
    if rules.valid_until:
        lines.append(_("Until {day}. After that we do not contact you.").format(day=day_in_words(rules.valid_until)))
    if rules.notify:
        lines.append(_("We write when something new is on your page."))
    return lines


def _answered(question: Mapping[str, Any], answer: str, language: str) -> Line:
    words = [_in(option, language) for option in question["options"] if option["code"] == answer]
    return Line(_in(question, language), words)


def _in(words: Mapping[str, Any], language: str) -> str:
    return str(words.get(language) or words.get("en", ""))
