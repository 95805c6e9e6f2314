"""Consent: two plain questions and five boxes, in the words of the version in force. Nothing is ticked beforehand."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.queries import reference_data

from .base import OneOf, SomeOf, StepForm, Words

FIRST_NOTES = 2  # what has to be known before answering: help comes either way, an offer is bare


class ConsentForm(StepForm):
    section = "consent"
    title = _("What may we pass on?")
    share = OneOf()
    groups = SomeOf()
    cross_border = OneOf()

    def offer(self) -> None:
        text = reference_data().consent_text
        if text is None:  # nothing can be asked without its words; unanswered means: ask first
            self.fields.clear()
            return
        definition = text.definition
        asked = {question["key"]: question for question in definition["questions"]}
        for name, question in {**asked, "groups": definition["groups"]}.items():
            if name in self.fields:
                self._ask(name, question)

    def _ask(self, name: str, question: dict[str, Any]) -> None:
        field = self.fields[name]
        field.label = self._in(question)
        field.help_text = self._in(question.get("explanation", {}))
        field.choices = [  # type: ignore[attr-defined]
            (option["code"], Words.of(self._in(option), self._in(option.get("explanation", {}))))
            for option in question["options"]
        ]

    def answers(self) -> dict[str, Any]:
        """With the words in which it was answered: their version and language may be others when it is sent."""
        given = dict(self.cleaned_data)
        text = reference_data().consent_text if any(given.values()) else None
        return {
            **given,
            "text_version": text.version if text else None,
            "read_in": self.lang if text else None,
        }

    def _in(self, words: dict[str, Any]) -> str:
        return str(words.get(self.lang) or words.get("en", ""))

    @property
    def notes_before(self) -> list[str]:
        return self._notes()[:FIRST_NOTES]

    @property
    def notes_after(self) -> list[str]:
        return self._notes()[FIRST_NOTES:]

    def _notes(self) -> list[str]:
        text = reference_data().consent_text
        return [self._in(row) for row in text.definition["explanations"]] if text else []


class SubjectConsentForm(ConsentForm):
    """What the person concerned has said, as the reporter passes it on. The stricter of the two answers holds."""

    section = "subject_consent"
    title = _("What has this person agreed to?")
    lead = _("Answer only what this person has told you. What was not asked stays closed, and we ask later.")

    @property
    def notes_before(self) -> list[str]:
        return []

    @property
    def notes_after(self) -> list[str]:
        return []
