"""The words of a dry run: what was tried, what became of each case, and why."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.web import words

KINDS: Mapping[str, Any] = {
    "finds_none": _("would find no partner any more"),
    "finds_one": _("would find a partner"),
    "moves": _("would go to another partner"),
    "decided_otherwise": _("would be decided by somebody else"),
}
STATES: Mapping[str, Any] = {
    "waiting": _("waiting for a worker"),
    "running": _("running"),
    "done": _("done"),
    "failed": _("failed"),
    "cancelled": _("stopped"),
}
CHANGES: Mapping[str, Any] = {
    "partner": _("Change a partner"),
    "agreement_ends": _("End an agreement"),
    "agreement_begins": _("Add an agreement"),
    "agreement_scope": _("Change the scope of an agreement"),
    "policy": _("Change who decides"),
    "sheet": _("A partner as it was edited"),
    "settings": _("Other settings of the choice"),
}
MODES: Mapping[str, Any] = {
    "automatic": _("the system offers by itself"),
    "propose": _("three partners are proposed to a caseworker"),
}
FAULT = _("Something went wrong. Whoever looks after this installation finds the kind of error in its log.")
ERRORS: Mapping[str, Any] = {
    "invalid_input": _("The change does not fit any more: the partner or the agreement has changed in the meantime."),
    "not_allowed": _("Whoever asked for it may not do this any more."),
    "gave_up": _("It was begun several times and never came further."),
}
_OF_THE_PERSON = _("something that the person said")


def change_in_words(change: Mapping[str, Any]) -> str:
    """The kind, and the codes that were given with it."""
    if change["kind"] == "sheet":
        return f"{CHANGES['sheet']}: {'; '.join([change['partner'], *_sheet(change['sheet'])])}"
    if change["kind"] == "settings":
        return f"{CHANGES['settings']}: {'; '.join(_settings(change['definition']))}"
    given = [_value(name, value) for name, value in change.items() if name != "kind"]
    return f"{CHANGES.get(change['kind'], change['kind'])}: {'; '.join(given)}"


def case_in_words(row: Mapping[str, Any], labels: Mapping[str, Any]) -> dict[str, Any]:
    said = {when: [_name(pk, labels) for pk in row[when]["chosen"]] for when in ("before", "after")}
    modes = {f"{when}_mode": MODES.get(row[when]["mode"], "") for when in ("before", "after")}
    is_other = row["before"]["mode"] != row["after"]["mode"]
    why = [f"{_name(one['partner'], labels)}: {_why(one)}" for one in row["why"]]
    return {"reference": row["reference"], **said, **(modes if is_other else {}), "why": why}


def _why(one: Mapping[str, Any]) -> str:
    old, new = one["place"]
    if old and new:
        parts = [gettext("place {old} before, {new} after").format(old=old, new=new)] if old != new else []
    elif old:
        parts = [gettext("place {old} before, not possible after").format(old=old)]
    else:
        parts = [gettext("not possible before, place {new} after").format(new=new)] if new else []
    was_held, is_held = one.get("held", (False, False))
    if was_held != is_held:
        kept, free = gettext("its places would be kept for urgent cases"), gettext("its places would no longer be kept")
        parts.append(kept if is_held else free)
    if one["come"]:
        parts.append(gettext("new reason: {reasons}").format(reasons=_reasons(one["come"])))
    if one["gone"]:
        parts.append(gettext("no longer a reason: {reasons}").format(reasons=_reasons(one["gone"])))
    return "; ".join(parts)


def _reasons(codes: list[str]) -> str:
    return ", ".join(str(words.REQUIREMENTS.get(code, _OF_THE_PERSON)) for code in codes)


def _name(partner_id: str, labels: Mapping[str, Any]) -> str:
    return words.label(labels.get(partner_id)) or partner_id


_NAMES: Mapping[str, Any] = {
    "capacity": _("capacity"),
    "paused_until": _("paused until"),
    "add_services": _("services to add"),
    "drop_services": _("services to take away"),
    "add_areas": _("service areas to add"),
    "drop_areas": _("service areas to take away"),
    "add_languages": _("languages to add"),
    "drop_languages": _("languages to take away"),
    "countries": _("countries"),
    "categories": _("categories"),
    "data_groups": _("data that may be passed on"),
}
_FLAGS: Mapping[tuple[str, bool], Any] = {
    ("is_active", False): _("not active any more"),
    ("is_active", True): _("active"),
    ("unpause", True): _("the pause ends"),
    ("under_memorandum", True): _("stands under the memorandum"),
}


def _sheet(sheet: Mapping[str, Any]) -> list[str]:
    """What decides most; hours and days off stand on its page."""
    areas = [(region or country) + (":remote" if is_remote else "") for country, region, is_remote in sheet["areas"]]
    languages = [*sheet["languages"], *(f"{code}*" for code in sheet["interpreter_languages"])]
    return [
        str(_FLAGS["is_active", bool(sheet["is_active"])]),
        f"{_NAMES['capacity']}: {sheet['capacity']}",
        f"{_('services')}: {', '.join(sheet['services'])}",
        f"{_('service area')}: {', '.join(areas)}",
        f"{_('languages')}: {', '.join(languages)}",
    ]


def _settings(definition: Mapping[str, Any]) -> list[str]:
    weights, prices, reserve = definition["weights"], definition["prices"], definition["reserve"]
    parts = [f"{words.PARTS.get(name, name)} {number}" for name, number in weights.items()]
    worth = [f"{words.URGENCIES[int(urgency)]} {number}" for urgency, number in prices["worth"].items()]
    return [
        ", ".join(parts),
        f"{_('Worth of a case')}: {', '.join(worth)}",
        f"{_('Price of a place')} × {prices['strength']}, + {prices['surge']}",
        f"{_('Urgent reserve')}: {reserve['share']} ({reserve['scarce_from']}+)",
    ]


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(_FLAGS.get((name, value), name))
    if name == "mode":
        return str(MODES.get(value, value))
    if name == "urgency":
        return str(words.URGENCIES.get(value, value))
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{_NAMES[name]}: {said}" if name in _NAMES else said
