"""A message as the person reads it: who wrote, when, and the words of our own notices."""

from dataclasses import dataclass
from datetime import tzinfo

from django.utils.translation import gettext as _

from intake.queries.messages import PageMessage
from intake.vocabulary import Voice

from .times import moment_in_words


@dataclass(frozen=True, slots=True, repr=False)
class MessageWords:
    who: str
    at: str
    text: str
    is_mine: bool
    is_new: bool


def message_words(message: PageMessage, zone: tzinfo) -> MessageWords:
    is_mine = message.voice == Voice.REPORTER
    return MessageWords(
        who=_("You") if is_mine else _who(message),
        at=moment_in_words(message.sent_at, zone),
        text=_notice(message) if message.code else message.text,
        is_mine=is_mine,
        is_new=message.is_new,
    )


def _who(message: PageMessage) -> str:
    if message.voice == Voice.PARTNER and message.organisation is not None:
        return message.organisation.label()
    return _("One of us")


def _notice(message: PageMessage) -> str:
    """A code that has no words here is never shown itself."""
    name = message.organisation.label() if message.organisation else _("An organisation that helps")
    if message.code == "vital_interest":
        return _(
            "To protect life or health, we have let {name} see data of yours without asking you first. "
            "Two of us decided it together. If you do not agree, write to us or complain here."
        ).format(name=name)
    if message.code == "transfer_asked":
        return _(
            "People in the other country may be able to help you better. "
            "They look after your report only if you agree: then answer “yes” on this page "
            "where it asks whether helpers in the other country may see it. "
            "If you do not agree, you need not do anything."
        )
    if message.code == "transferred":
        return _("People in the other country look after your report now. Your page and your code stay the same.")
    return _("There is something new on your page.")
