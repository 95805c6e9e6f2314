"""The pages of the form in the order by danger: which exist, which are asked, what comes before and after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from intake.queries import reference_data

from . import forms
from .forms.base import Draft, StepForm

COMPLETING = ("contact_details", "subject_contact_details")  # without them the answer before is half an answer
MakeForm = Callable[..., StepForm]


def always(draft: Draft) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """`follows` names the step whose answer opened this one."""

    name: str
    form: MakeForm
    asked: Callable[[Draft], bool] = always
    follows: str = ""

    def make(self, draft: Draft, language: str, data: Mapping[str, Any] | None = None) -> StepForm:
        return self.form(data, draft=draft, language=language)


def all_steps() -> tuple[Step, ...]:
    late = [key for key in forms.key_questions() if key not in forms.EARLY]
    early = [key for key in forms.key_questions() if key in forms.EARLY]
    return (
        Step("country", forms.CountryForm),
        Step("region", forms.RegionForm, _has("where", "country"), follows="country"),
        Step("about", forms.AboutForm),
        *_questions(early),
        Step("category", forms.CategoryForm),
        Step("subcode", forms.SubcodeForm, _has("what", "category"), follows="category"),
        _opened("by_kind", forms.opened_by(*forms.KIND), follows="subcode"),
        *_questions(late),
        Step("story", forms.StoryForm),
        Step("files", forms.FilesForm),
        Step("person", forms.PersonForm),
        Step("actor", forms.ActorForm),
        Step("exclude", forms.ExcludeForm),
        Step("handler", forms.HandlerForm),
        Step("contact", forms.ContactForm),
        Step("contact_details", forms.ContactDetailsForm, _has("contact", "method"), follows="contact"),
        Step("subject_contact", forms.SubjectContactForm, _is_known_to_the_person),
        Step(
            "subject_contact_details", forms.SubjectContactDetailsForm, _has_subject_method, follows="subject_contact"
        ),
        Step("consent", forms.ConsentForm, _is_consent_asked),
        Step("subject_consent", forms.SubjectConsentForm, _is_subject_asked),
    )


def asked_steps(draft: Draft) -> list[tuple[int, Step]]:
    """Numbered from 1 by their place among all steps, so that a page keeps its address while answers change."""
    return [(number, step) for number, step in enumerate(all_steps(), start=1) if step.asked(draft)]


def neighbours(draft: Draft, number: int) -> tuple[int | None, int | None]:
    """Numbers of the asked steps before and after this one."""
    numbers = [one for one, _step in asked_steps(draft)]
    before = [one for one in numbers if one < number]
    after = [one for one in numbers if one > number]
    return (before[-1] if before else None), (after[0] if after else None)


def opened_after(draft: Draft, number: int) -> int | None:
    """The next step, if the answer just given has opened it."""
    follows = all_steps()[number - 1].name
    return next((one for one, step in asked_steps(draft) if one > number and step.follows == follows), None)


def progress(draft: Draft, number: int) -> tuple[int, int]:
    """Which page this is, of how many; pages that an answer opened count with the page that opened them."""
    main = [one for one, step in asked_steps(draft) if not step.follows]
    return sum(one <= number for one in main), len(main)


def number_of(name: str) -> int:
    return next(number for number, step in enumerate(all_steps(), start=1) if step.name == name)


def number_posted(name: str, number: int) -> int:
    """The page that a form says it is: an operator may have changed the questions, and with them the numbers, since it
    was shown. A name that is not there any more leaves the number."""
    return next((one for one, step in enumerate(all_steps(), start=1) if step.name == name), number)


def resume_at(draft: Draft, language: str) -> int | None:
    """The step after the last one that was answered; None when that was the last of all."""
    answered = [number for number, step in asked_steps(draft) if step.make(draft, language).is_answered]
    return neighbours(draft, answered[-1] if answered else 0)[1]


def offers_sending(draft: Draft) -> bool:
    """ "Send now" stands on every page from the second answer on, also where one more is needed first."""
    return bool((draft.get("where") or {}).get("country"))


def can_be_sent(draft: Draft) -> bool:
    return not missing(draft)


def missing(draft: Draft) -> list[str]:
    """Names of the steps without which nothing can be sent."""
    needed = {"country": _has("where", "country"), "category": _has("what", "category")}
    return [name for name, is_there in needed.items() if not is_there(draft)]


def _is_known_to_the_person(draft: Draft) -> bool:
    """Somebody writes about another, who knows of it: both are asked, each for themselves."""
    about = draft.get("about") or {}
    return about.get("about") == "other" and not about.get("subject_unaware")


def _has_subject_method(draft: Draft) -> bool:
    return _is_known_to_the_person(draft) and _has("subject_contact", "method")(draft)


def _is_consent_asked(draft: Draft) -> bool:
    return reference_data().consent_text is not None


def _is_subject_asked(draft: Draft) -> bool:
    return _is_known_to_the_person(draft) and _is_consent_asked(draft)


def _has(section: str, name: str) -> Callable[[Draft], bool]:
    return lambda draft: bool((draft.get(section) or {}).get(name))


def _questions(keys: list[str]) -> Iterator[Step]:
    for key in keys:
        yield _opened(key, forms.key_question(key))
        yield _opened(f"{key}_more", forms.opened_by(key), follows=key)


def _opened(name: str, choose: Callable[[Draft], list[Any]], follows: str = "") -> Step:
    return Step(name, partial(forms.QuestionsForm, choose=choose), lambda draft: bool(choose(draft)), follows)
