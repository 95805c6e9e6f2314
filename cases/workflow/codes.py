"""The codes of the life of a case, with their words: states, reasons, outcomes, channels. Which moves: moves.py."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
