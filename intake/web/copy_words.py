"""Everything that is held, in words: sections of lines, the same for the page and the plain text of the archive."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from intake.models import Consent, Correction, Message, SafeContact
from intake.queries import reference_data
from intake.queries.everything import Everything
from intake.queries.files import safe_name
from intake.queries.messages import PageMessage
from intake.queries.questions import answered_questions
from intake.questionnaire import in_words, words_in
from intake.templatetags.intake_pages import capital
from intake.vocabulary import (
    WEEKDAYS,
    About,
    AccessPurpose,
    ActorKind,
    AgeBand,
    ConsentAnswer,
    ContactMethod,
    DataGroup,
    Gender,
    Handler,
    Voice,
)

from .file_words import file_words
from .message_words import message_words
from .times import day_in_words, moment_in_words


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    title: str
    lines: list[tuple[str, str]]  # what it is, what was said


@dataclass(frozen=True, slots=True, repr=False)
class CopyWords:
    """Printing it shows nothing."""

    language: str
    made_at: str
    reference: str
    sections: list[Section]
    files: list[str]

    def as_text(self) -> str:
        parts = [f"{self.reference}\n{self.made_at}"]
        for section in self.sections:
            lines = "\n".join(f"{label}: {said}" if label else said for label, said in section.lines)
            parts.append(f"== {section.title} ==\n{lines}")
        return "\n\n".join(parts).replace("\n", "\r\n") + "\r\n"


def copy_words(held: Everything, language: str, zone: tzinfo, *, now: datetime) -> CopyWords:
    """In the language of the page, in the person's own time."""
    made = _Copy(held, language, zone)
    sections = [Section(str(capital(title)), list(lines)) for title, lines in made.sections()]
    return CopyWords(
        language=language,
        made_at=moment_in_words(now, zone),
        reference=held.report.reference,
        sections=[section for section in sections if section.lines],
        files=[safe_name(file) for file in held.files],
    )


Lines = Iterator[tuple[str, str]]
Part = Correction.Part


@dataclass(frozen=True, slots=True, repr=False)
class _Copy:
    held: Everything
    language: str
    zone: tzinfo

    def sections(self) -> Iterator[tuple[str, Lines]]:
        yield _("your report"), _said(self._report())
        yield _("organisation that helps"), _said(self._next_step())
        yield _("What happened?"), _said(self._story())
        yield _("Your answers"), _said(self._answers())
        yield self._whose(_("Who you are"), _("About the person")), _said(self._identity())
        yield _("Said before, and said anew since"), _said(self._before())
        yield _("How can we reach you safely?"), _said(self._contacts())
        yield _("What may be passed on"), _said(self._consents())
        yield _("Files"), _said(self._files())
        yield _("Messages"), _said(self._messages())
        yield _("Complaints"), _said(self._complaints())
        yield _("Who has seen my data"), _said(self._seen())
        yield _("Who was asked to delete copies"), _said(self._erasures())

    def _whose(self, own: str, other: str) -> str:
        return other if self.held.report.about == About.OTHER else own

    def _at(self, moment: datetime) -> str:
        return moment_in_words(moment, self.zone)

    def _report(self) -> Lines:
        report = self.held.report
        yield _("report number"), report.reference
        yield _("Received"), self._at(report.received_at)
        yield _("You have taken your report back."), self._at(report.withdrawn_at) if report.withdrawn_at else ""
        yield _("What is it about?"), report.category.reporter_label(self.language)
        yield _("Which of these is closest?"), self._subcode()
        yield _("Whom do you want to tell us about?"), str(About(report.about).label)
        yield _("Country"), report.country.label(self.language)
        yield _("region"), report.region.label(self.language) if report.region else ""
        yield _("language"), report.language.label(self.language)
        yield _("citizenship"), report.citizenship
        yield _("How old are you?"), str(AgeBand(report.age_band).label) if report.age_band else ""
        yield _("Who should look after your report?"), str(Handler(report.handler).label) if report.handler else ""
        yield _("Who must not see this?"), self._hidden_from()

    def _next_step(self) -> Lines:
        """In the organisation's own words, as the page shows it."""
        status = self.held.status
        if status.organisation is not None:
            yield status.organisation.label(self.language), status.next_step or "–"

    def _files(self) -> Lines:
        """All of them, also those that cannot be opened (yet) and so do not lie beside this."""
        for file in file_words(self.held.named_files, is_sent=True):
            yield file.name, f"{file.about}. {file.state}"

    def _subcode(self) -> str:
        report = self.held.report
        found = reference_data().subcodes.get((report.category_id, report.subcode))
        return found.reporter_label(self.language) if found else report.subcode

    def _hidden_from(self) -> str:
        names = [body.label(self.language) for body in self.held.must_not_see]
        written = self.held.report.unseal(self.held.key, "must_not_see_text") or ""
        return "; ".join(part for part in (*names, written) if part)

    def _story(self) -> Lines:
        words = self.held.words
        yield "", words.story
        for addition in words.additions:
            yield self._at(addition.at), addition.text
        kind = self.held.report.actor_kind
        yield _("Who is it?"), str(ActorKind(kind).label) if kind else ""
        yield _("Who did this?"), words.actor_name

    def _answers(self) -> Lines:
        for question, value in answered_questions(dict(self.held.words.answers)):
            yield words_in(question.words, self.language), in_words(question, value, self.language)

    def _identity(self) -> Lines:
        yield from self._person(self.held.words.identity)
        yield self._whose(_("Your family"), _("This person's family")), self.held.words.family

    def _person(self, identity: Any) -> Lines:
        yield self._whose(_("What is your name?"), _("What is this person's name?")), identity.get("name", "")
        yield self._whose(_("When were you born?"), _("When was this person born?")), identity.get("birth_date", "")
        gender = identity.get("gender", "")
        asked = self._whose(_("Are you a woman or a man?"), _("Is this person a woman or a man?"))
        yield asked, str(Gender(gender).label) if gender else ""

    def _before(self) -> Lines:
        """A part that was corrected: as it came first, and what was said since and stands no more. Nothing is ever
        edited, so all of it is still held."""
        original, words = self.held.words.original, self.held.words
        for part in words.corrected:
            first = original.get(part)
            if first and (part != Part.STORY or not words.story):
                yield from self._part(part, first)
        for row in self.held.corrections:
            content = row.unseal(self.held.key, "content")
            if content and not self._stands(row, content):
                yield self._at(row.made_at), "…"
                yield from self._part(row.part, content)

    def _stands(self, row: Correction, content: Any) -> bool:
        words = self.held.words
        if row.part == Part.STORY:
            return any((addition.at, addition.text) == (row.made_at, content) for addition in words.additions)
        if row.part == Part.ANSWERS:
            return all(words.answers.get(name) == value for name, value in content.items() if value)
        return bool(content == getattr(words, row.part))

    def _part(self, part: str, said: Any) -> Lines:
        if part == Part.ANSWERS:
            for question, value in answered_questions({name: value for name, value in said.items() if value}):
                yield words_in(question.words, self.language), in_words(question, value, self.language)
        elif part == Part.IDENTITY:
            yield from self._person(said)
        else:
            yield "", str(said)

    def _contacts(self) -> Lines:
        for contact in self.held.contacts:
            yield self._at(contact.created_at), "; ".join(part for part in self._contact(contact) if part)

    def _contact(self, contact: SafeContact) -> Iterator[str]:
        key = self.held.key
        if contact.voice == Voice.AFFECTED_PERSON:
            yield str(Voice(contact.voice).label)
        if contact.never_contact:
            yield _("We do not contact you. You look here.")
        yield str(ContactMethod(contact.method).label) if contact.method else ""
        yield contact.unseal(key, "value") or ""
        names = dict(WEEKDAYS)
        yield ", ".join(str(names[day]) for day in contact.days)
        if contact.hours_from and contact.hours_until:
            yield f"{contact.hours_from:%H:%M}–{contact.hours_until:%H:%M} ({contact.timezone})"
        yield contact.unseal(key, "cover_name") or ""
        yield contact.unseal(key, "safe_word") or ""
        yield day_in_words(contact.valid_until) if contact.valid_until else ""

    def _consents(self) -> Lines:
        for row in self.held.consents:
            yield self._at(row.given_at), f"{self._asked(row)}: {_answer(row)}"

    def _asked(self, row: Consent) -> str:
        if row.recipient is not None:
            return row.recipient.label(self.language)
        if row.question == Consent.Question.GROUP:
            return str(DataGroup(row.data_group).label)
        if row.question == Consent.Question.CROSS_BORDER:
            return _("Helpers in the other country")
        return _("May we pass this on?")

    def _messages(self) -> Lines:
        for row in self.held.messages:
            words = message_words(self._as_read(row), self.zone)
            yield f"{words.at}, {words.who}", words.text

    def _as_read(self, row: Message) -> PageMessage:
        text = row.unseal(self.held.key, "text") or ""
        return PageMessage(row.voice, row.organisation, row.code, text, row.sent_at, is_new=False)

    def _complaints(self) -> Lines:
        for row in self.held.complaints:
            about = row.about.label(self.language) if row.about else _("About us")
            yield f"{self._at(row.made_at)}, {about}", row.unseal(self.held.key, "text") or ""

    def _seen(self) -> Lines:
        for row in self.held.seen:
            who = row.body.label(self.language) if row.body else _("One of us")
            yield self._at(row.at), f"{who}: {AccessPurpose(row.purpose).label}"

    def _erasures(self) -> Lines:
        for row in self.held.erasures:
            done = self._at(row.confirmed_at) if row.confirmed_at else _("not yet confirmed")
            yield row.body.label(self.language), f"{self._at(row.asked_at)} – {done}"


def _said(lines: Lines) -> Lines:
    """Without what was left empty."""
    return ((capital(label), said) for label, said in lines if said)


def _answer(row: Consent) -> str:
    if row.answer in ("yes", "no"):
        return _("Yes") if row.answer == "yes" else _("No")
    return str(ConsentAnswer(row.answer).label)
