"""The state of a report in the reporter's words, and what happens next."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.queries.mailboxes import PublicState

from .times import day_in_words, moment_in_words

SENTENCES: dict[str, str | Promise] = {
    "received": gettext_lazy("We have received your report."),
    "triage": gettext_lazy("One of us is reading your report."),
    "routing": gettext_lazy("We are looking for an organisation that can help."),
    "offered": gettext_lazy("We have asked an organisation."),
    "accepted": gettext_lazy("An organisation has agreed to help you."),
    "in_progress": gettext_lazy("Your report is being worked on."),
    "waiting_for_reporter": gettext_lazy("We have a question for you."),
    "unrouted": gettext_lazy("We have not found an organisation yet. One of us is dealing with it."),
    "resolved": gettext_lazy("The work is finished. If it is not, write to us."),
    "closed": gettext_lazy("Your report is closed."),
    "out_of_scope": gettext_lazy("We cannot help with this ourselves. Below is who can."),
    "withdrawn": gettext_lazy("You have taken your report back."),
    # Joined to another: the person reads how that one stands and never that somebody else wrote.
    "duplicate": gettext_lazy("Your report is being worked on."),
}
NEXT: dict[str, str | Promise] = {
    "received": gettext_lazy("Next, one of us reads it."),
    "triage": gettext_lazy("Next, we look for the help that fits."),
    "routing": gettext_lazy("As soon as we find one, we ask it."),
    "offered": gettext_lazy("If it cannot help, we ask the next one at once."),
    "accepted": gettext_lazy("It contacts you only in the way that you have allowed. Everything new also stands here."),
    "in_progress": gettext_lazy("Everything new will stand here."),
    "waiting_for_reporter": gettext_lazy("Please answer it on this page."),
    "unrouted": gettext_lazy("We go on looking."),
    "resolved": gettext_lazy("Write to us here, and we look at it again."),
    "closed": gettext_lazy("You can still read everything here and write to us."),
    "out_of_scope": gettext_lazy("You can still write to us here."),
    "withdrawn": gettext_lazy("Nobody works on it any more. You can delete it for ever, or write to us."),
    "duplicate": gettext_lazy("Everything new will stand here."),
}
# How work ended, where the page tells it: "closed.advice" is the state and the way. A way without words reads as its
# state: that somebody died is never told by a page.
ENDINGS: dict[str, str | Promise] = {
    "solved": gettext_lazy("The problem you reported is solved."),
    "partly": gettext_lazy("A part of the problem you reported is solved."),
    "advice": gettext_lazy("We have given you advice. It stands among the messages here."),
    "elsewhere": gettext_lazy("We have told you who can help you further."),
    "not_wanted": gettext_lazy("You no longer wanted our help."),
    "not_reached": gettext_lazy("We could not reach you, so we have stopped trying."),
    "home": gettext_lazy("You have returned home."),
    "not_stopped": gettext_lazy("We could not stop what was decided."),
    "not_ours": gettext_lazy("We could not help with this ourselves. Below is who can."),
}
NEXT_AFTER: dict[str, str | Promise] = {
    "resolved": gettext_lazy("If it is not finished for you, write to us here. Otherwise we close it."),
    "closed": gettext_lazy("The report is closed. If you need us again, write here: one of us reads it."),
}


@dataclass(frozen=True, slots=True)
class StatusWords:
    sentence: str
    next: str
    by_when: str
    is_late: bool
    organisation: str
    says: str  # what the organisation itself writes about the next step
    shows_numbers: bool


def acknowledgement(state: PublicState, *, received_at: datetime, now: datetime, zone: tzinfo) -> str:
    """That it has arrived, and until when one of us reads it: while nobody has confirmed what it is about."""
    if state.code not in _UNREAD:
        return ""
    day = day_in_words(received_at.astimezone(zone).date())
    if state.expected_by is None or state.expected_by < now:
        return _("We have received your report on {day}.").format(day=day)
    by_when = moment_in_words(state.expected_by, zone)
    return _("We have received your report on {day}. One of us reads it by {time}.").format(day=day, time=by_when)


_UNREAD = frozenset({"received", "triage"})


def status_words(state: PublicState, *, now: datetime, zone: tzinfo) -> StatusWords:
    """A state that has no words here reads as "being worked on": no code ever reaches the page."""
    by_when = moment_in_words(state.expected_by, zone) if state.expected_by else ""
    is_late = state.expected_by is not None and state.expected_by < now
    code, _dot, ending = state.code.partition(".")
    sentence = str(ENDINGS.get(ending, SENTENCES.get(code, SENTENCES["in_progress"])))
    if state.code == "offered" and by_when and not is_late:
        sentence = _("We have asked an organisation. We expect its answer by {time}.").format(time=by_when)
        by_when = ""
    return StatusWords(
        sentence=sentence,
        next=str(NEXT_AFTER[code] if ending in ENDINGS and code in NEXT_AFTER else NEXT.get(code, "")),
        by_when=by_when,
        is_late=is_late,
        organisation=state.organisation.label() if state.organisation else "",
        says=state.next_step if state.organisation else "",
        shows_numbers=code == "out_of_scope" or ending == "not_ours",
    )
