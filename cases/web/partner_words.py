"""Words for what was changed about a partner, and by which act."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import PartnerEdit

ACTS: Mapping[str, Any] = {
    "added": _("partner added"),
    "edited": _("edited"),
    "paused": _("paused"),
    "resumed": _("pause ended"),
}
FACTS: Mapping[str, Any] = {
    "capacity": _("capacity"),
    "is_active": _("active or not"),
    "timezone": _("time zone"),
    "around_the_clock": _("around the clock"),
    "working_hours": _("working hours"),
    "closed_days": _("days on which it is closed"),
    "areas": _("service area"),
    "languages": _("languages"),
    "interpreter_languages": _("languages through an interpreter"),
    "services": _("services"),
    "email": _("e-mail"),
    "phone": _("telephone"),
    "duty_phone": _("telephone of whoever is on duty"),
    "language": _("language of its notices"),
    "related_bodies": _("bodies it is related to"),
}


def edit_in_words(edit: PartnerEdit) -> str:
    """What was done, and which facts it concerned where that says more."""
    act = str(ACTS.get(edit.act, edit.act))
    facts = ", ".join(str(FACTS.get(name, name)) for name in edit.changed)
    return f"{act} – {facts}" if edit.act == "edited" else act
