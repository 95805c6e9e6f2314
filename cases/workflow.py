"""States of cases and referrals and the allowed moves between them, as data. Pure: knows no row."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.errors import MoveNotAllowed


class CaseState(TextChoices):
    RECEIVED = "received", _("received")
    TRIAGE = "triage", pgettext_lazy("case state", "triage")
    ROUTING = "routing", _("choosing a partner")
    OFFERED = "offered", _("offered to partner")
    ACCEPTED = "accepted", _("accepted by partner")
    IN_PROGRESS = "in_progress", _("in progress")
    WAITING_FOR_REPORTER = "waiting_for_reporter", _("waiting for reporter")
    UNROUTED = "unrouted", _("no partner found")
    RESOLVED = "resolved", _("resolved")
    CLOSED = "closed", _("closed")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    DUPLICATE = "duplicate", _("duplicate")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReferralState(TextChoices):
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("no answer")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CONTACTED = "contacted", _("contacted")
    IN_SERVICE = "in_service", _("being helped")
    COMPLETED = "completed", _("completed")
    RETURNED = "returned", _("returned")
    TRANSFERRED = "transferred", _("transferred")


class DeclineReason(TextChoices):
    NO_CAPACITY = "no_capacity", _("no free places")
    OUT_OF_AREA = "out_of_area", _("outside our area")
    OUT_OF_MANDATE = "out_of_mandate", _("not our field")
    LANGUAGE = "language", _("no common language")
    CONFLICT_OF_INTEREST = "conflict_of_interest", _("conflict of interest")
    SAFETY_OF_STAFF = "safety_of_staff", _("safety of our staff")
    DUPLICATE = "duplicate", _("we already have this case")
    INSUFFICIENT_INFORMATION = "insufficient_information", _("not enough information")
    CLIENT_REFUSED = "client_refused", _("the person refused")
    AGREEMENT_LAPSED = "agreement_lapsed", _("agreement has ended")


# A partner returns an accepted case for the same reasons for which it declines an offer.
ReturnReason = DeclineReason


class Reached(TextChoices):
    """What came of trying to reach the person. Only YES is a contact; after UNSAFE a person of ours looks at it."""

    YES = "yes", _("reached")
    NO = "no", _("not reached")
    UNSAFE = "unsafe", _("it was not safe")


class ContactChannel(TextChoices):
    PHONE = "phone", _("phone call")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")
    MESSENGER = "messenger", _("messenger")
    MAILBOX = "mailbox", _("message on the person's page")
    IN_PERSON = "in_person", _("in person")


class WithdrawalReason(TextChoices):
    ACCEPTED_ELSEWHERE = "accepted_elsewhere", _("accepted elsewhere")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("consent withdrawn")
    ERASED = "erased", _("deleted by the person")
    CASE_CLOSED = "case_closed", _("case closed")
    MERGED = "merged", _("joined to another case")
    AGREEMENT_ENDED = "agreement_ended", _("agreement ended")
    BY_CASEWORKER = "by_caseworker", _("by the caseworker")


class TransferReason(TextChoices):
    """Why the other side should have the case; the approver of that side reads no more than this of the reason."""

    PERSON_ASKED = "person_asked", _("the person asked for it")
    PERSON_MOVED = "person_moved", _("the person is in the other country now")
    BETTER_PLACED = "better_placed", _("the other side can do more")
    CONFLICT_OF_INTEREST = "conflict_of_interest", _("conflict of interest")


class Outcome(TextChoices):
    RESOLVED_FULL = "resolved_full", _("fully resolved")
    RESOLVED_PARTIAL = "resolved_partial", _("partly resolved")
    ADVICE_GIVEN = "advice_given", _("advice given")
    REFERRED_ON = "referred_on", _("referred elsewhere")
    CLIENT_WITHDREW = "client_withdrew", _("person withdrew")
    LOST_CONTACT = "lost_contact", _("contact lost")
    RETURNED_HOME = "returned_home", _("returned home")
    REMOVED_DESPITE_ACTION = "removed_despite_action", _("removed despite action")
    DUPLICATE = "duplicate", _("duplicate")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    DIED = "died", _("died")


class ReopenReason(TextChoices):
    REPORTER_ASKED = "reporter_asked", _("the person asked for it")
    NOT_SOLVED = "not_solved", _("it is not solved")
    NEW_FACTS = "new_facts", _("something new is known")
    REACHED_AGAIN = "reached_again", _("the person was reached again")
    ENDED_BY_MISTAKE = "ended_by_mistake", _("it was ended by mistake")


class ContactResult(TextChoices):
    """What came of trying to reach the person. `left_unread` is computed from the messages, never logged."""

    REACHED = "reached", _("reached")
    NO_ANSWER = "no_answer", _("did not answer")
    UNSAFE = "unsafe", _("not safe to speak")
    LEFT_UNREAD = "left_unread", _("message left unread")


class PauseReason(TextChoices):
    CONSENT_ASKED = "consent_asked", _("the person is being asked for consent")  # the system's own
    INFORMATION_ASKED = "information_asked", _("we asked the person a question")
    DOCUMENTS_ASKED = "documents_asked", _("we asked the person for documents")
    PERSON_DECIDES = "person_decides", _("the person is deciding")
    NOT_REACHABLE = "not_reachable", _("the person cannot be reached safely now")


class DateKind(TextChoices):
    REMOVAL = "removal", _("removal or deportation")
    APPEAL = "appeal", _("deadline to appeal")
    PERMIT = "permit", _("permit, visa or registration ends")
    HEARING = "hearing", _("court hearing")
    OTHER = "other", _("another date set by law")


# What a partner may report on completion. That a case is a duplicate or out of scope, the responsible side says.
PARTNER_OUTCOMES = frozenset(set(Outcome) - {Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE})


class LinkKind(TextChoices):
    """Three different things that two cases can have in common; none of them follows from another."""

    SAME_PERSON = "same_person", _("same person")
    SAME_INCIDENT = "same_incident", _("same incident")
    SAME_ACTOR = "same_actor", _("same alleged actor")


class LinkState(TextChoices):
    SUGGESTED = "suggested", _("suggested")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("not the same")
    UNDONE = "undone", _("taken back")


class LinkGround(TextChoices):
    """Why the system suggests a link: which kind of thing is alike, never what it says."""

    PHONE_EMAIL = "phone_email", _("telephone and e-mail address are the same")
    PHONE = "phone", _("telephone is the same")
    EMAIL = "email", _("e-mail address is the same")
    NAME = "name", _("only the name sounds alike")
    PLACE_DATE_ACTOR = "place_date_actor", _("place, time and the name of the alleged actor fit")
    ACTOR = "actor", _("the name of the alleged actor sounds alike")


class SeparationReason(TextChoices):
    """Why a merged case is given back."""

    OTHER_PERSON = "other_person", _("it is another person")
    OTHER_MATTER = "other_matter", _("it is another matter")
    BY_MISTAKE = "by_mistake", _("merged by mistake")
    OWN_WORK = "own_work", _("needs work of its own")
    GONE = "gone", _("the other report was taken back")


_C, _R, _L = CaseState, ReferralState, LinkState

# With which outcomes a case may be closed out of a state. What the person, or the state itself, has said already is not
# said otherwise; a case that waits for an answer which never comes is closed for lost contact alone.
_ANY_WORK = frozenset(set(Outcome) - {Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE})
RESOLVING_OUTCOMES = _ANY_WORK
CLOSING_OUTCOMES: Mapping[str, frozenset[str]] = {
    _C.RESOLVED: _ANY_WORK,
    _C.WAITING_FOR_REPORTER: frozenset({Outcome.LOST_CONTACT}),
    _C.OUT_OF_SCOPE: frozenset({Outcome.OUT_OF_SCOPE, Outcome.ADVICE_GIVEN, Outcome.REFERRED_ON}),
    _C.DUPLICATE: frozenset({Outcome.DUPLICATE}),
    _C.WITHDRAWN: frozenset({Outcome.CLIENT_WITHDREW}),
}
# How the reporter's page names the way a case ended. An outcome that is not here is not told there: nobody reads on a
# page that somebody died, and a joined report reads as the case that it was joined to.
PUBLIC_ENDINGS: Mapping[str, str] = {
    Outcome.RESOLVED_FULL: "solved",
    Outcome.RESOLVED_PARTIAL: "partly",
    Outcome.ADVICE_GIVEN: "advice",
    Outcome.REFERRED_ON: "elsewhere",
    Outcome.CLIENT_WITHDREW: "not_wanted",
    Outcome.LOST_CONTACT: "not_reached",
    Outcome.RETURNED_HOME: "home",
    Outcome.REMOVED_DESPITE_ACTION: "not_stopped",
    Outcome.OUT_OF_SCOPE: "not_ours",
}

# domain.md §5. A person can take a report back, and a case can turn out to be a duplicate, at any point before its end.
_ALWAYS = frozenset({_C.WITHDRAWN, _C.DUPLICATE})
CASE_MOVES: Mapping[str, frozenset[str]] = {
    _C.RECEIVED: _ALWAYS | {_C.TRIAGE, _C.ROUTING},
    _C.TRIAGE: _ALWAYS | {_C.ROUTING, _C.IN_PROGRESS, _C.RESOLVED, _C.WAITING_FOR_REPORTER, _C.OUT_OF_SCOPE},
    _C.ROUTING: _ALWAYS | {_C.OFFERED, _C.UNROUTED, _C.TRIAGE, _C.IN_PROGRESS, _C.WAITING_FOR_REPORTER},
    _C.OFFERED: _ALWAYS | {_C.ACCEPTED, _C.ROUTING, _C.UNROUTED, _C.TRIAGE, _C.WAITING_FOR_REPORTER, _C.IN_PROGRESS},
    _C.ACCEPTED: _ALWAYS | {_C.IN_PROGRESS, _C.ROUTING, _C.TRIAGE, _C.WAITING_FOR_REPORTER, _C.RESOLVED},
    _C.IN_PROGRESS: _ALWAYS | {_C.RESOLVED, _C.ROUTING, _C.TRIAGE, _C.WAITING_FOR_REPORTER},
    _C.WAITING_FOR_REPORTER: _ALWAYS
    | {_C.TRIAGE, _C.ROUTING, _C.OFFERED, _C.ACCEPTED, _C.IN_PROGRESS, _C.RESOLVED, _C.CLOSED},
    _C.UNROUTED: _ALWAYS
    | {_C.ROUTING, _C.OFFERED, _C.TRIAGE, _C.IN_PROGRESS, _C.RESOLVED, _C.OUT_OF_SCOPE, _C.WAITING_FOR_REPORTER},
    _C.RESOLVED: frozenset({_C.CLOSED, _C.TRIAGE, _C.WITHDRAWN, _C.DUPLICATE}),
    _C.OUT_OF_SCOPE: frozenset({_C.CLOSED, _C.TRIAGE}),
    _C.DUPLICATE: frozenset({_C.CLOSED, _C.TRIAGE, _C.WITHDRAWN}),  # its person may still take it back
    _C.WITHDRAWN: frozenset({_C.CLOSED, _C.TRIAGE}),
    _C.CLOSED: frozenset({_C.TRIAGE}),  # reopening
}

# domain.md §6
_LEAVE = frozenset({_R.RETURNED, _R.TRANSFERRED, _R.WITHDRAWN})
REFERRAL_MOVES: Mapping[str, frozenset[str]] = {
    _R.OFFERED: frozenset({_R.ACCEPTED, _R.DECLINED, _R.EXPIRED, _R.WITHDRAWN}),
    _R.ACCEPTED: _LEAVE | {_R.CONTACTED},
    _R.CONTACTED: _LEAVE | {_R.IN_SERVICE},
    _R.IN_SERVICE: _LEAVE | {_R.COMPLETED},
    _R.DECLINED: frozenset(),
    _R.EXPIRED: frozenset(),
    _R.WITHDRAWN: frozenset(),
    _R.COMPLETED: frozenset(),
    _R.RETURNED: frozenset(),
    _R.TRANSFERRED: frozenset(),
}

# A person decides, and may decide otherwise later. Nothing goes back to `suggested`: the system suggests a thing once.
LINK_MOVES: Mapping[str, frozenset[str]] = {
    _L.SUGGESTED: frozenset({_L.CONFIRMED, _L.REFUSED}),
    _L.CONFIRMED: frozenset({_L.UNDONE}),
    _L.REFUSED: frozenset({_L.CONFIRMED}),
    _L.UNDONE: frozenset({_L.CONFIRMED}),
}

ASSIGNED = frozenset({_R.ACCEPTED, _R.CONTACTED, _R.IN_SERVICE})  # the partner has the case
LOAD = ASSIGNED | {_R.OFFERED}  # what fills a partner's capacity (domain.md §8)
ENDED_REFERRALS = frozenset(state for state, moves in REFERRAL_MOVES.items() if not moves)
# What a partner says of a case in hand, without the referral's state having to change: another contact, the next step.
MAY_CONTACT = ASSIGNED
MAY_PROGRESS = frozenset({_R.CONTACTED, _R.IN_SERVICE})
TOMBSTONES = frozenset({_R.DECLINED, _R.EXPIRED, _R.WITHDRAWN, _R.RETURNED, _R.TRANSFERRED})
ENDED_CASES = frozenset({_C.CLOSED, _C.WITHDRAWN, _C.DUPLICATE, _C.OUT_OF_SCOPE, _C.RESOLVED})
# Who declined for one of these is left out of later rounds too (domain.md §6).
EXCLUDING_DECLINES = frozenset(
    {
        DeclineReason.CONFLICT_OF_INTEREST,
        DeclineReason.OUT_OF_MANDATE,
        DeclineReason.SAFETY_OF_STAFF,
        DeclineReason.CLIENT_REFUSED,
    }
)


def public_code(state: str, outcome: str = "") -> str:
    """What is published as the status of a report: the state, and for work that ended how, where that is told."""
    ending = PUBLIC_ENDINGS.get(outcome) if state in {_C.RESOLVED, _C.CLOSED} else None
    return f"{state}.{ending}" if ending else str(state)


def may_move_case(old: str, new: str) -> bool:
    """Whether a case in state `old` may go to `new`; a state nobody knows may go nowhere."""
    return new in CASE_MOVES.get(old, frozenset())


def check_case_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if not may_move_case(old, new):
        raise MoveNotAllowed(state=str(old))


def may_move_referral(old: str, new: str) -> bool:
    """Whether a referral in state `old` may go to `new`; a state nobody knows may go nowhere."""
    return new in REFERRAL_MOVES.get(old, frozenset())


def check_referral_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if not may_move_referral(old, new):
        raise MoveNotAllowed(state=str(old))


def check_link_move(old: str, new: str) -> None:
    """Raises MoveNotAllowed, carrying the present state."""
    if new not in LINK_MOVES.get(old, frozenset()):
        raise MoveNotAllowed(state=str(old))
