"""The pages of the form in the order by danger: which exist, which are asked, what comes before and after."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from intake.queries import reference_data

from . import forms
from .coded import Coded, coded
from .forms.base import Draft, StepForm

COMPLETING = ("contact_details", "subject_contact_details")  # without them the answer before is half an answer
DECIDING = ("about", "category", "subcode", "questions")  # what a question of the set can depend on
MakeForm = Callable[..., StepForm]


def always(draft: Draft) -> bool:
    return True


def untouched(section: str, *names: str) -> Callable[[Draft], bool]:
    """Nothing was answered there yet: in the whole section, or under these names."""

    def is_untouched(draft: Draft) -> bool:
        kept = draft.get(section)
        return not kept or not any(kept.get(name) for name in names or kept)

    return is_untouched


@dataclass(frozen=True, slots=True)
class Step:
    """`follows` names the step whose answer opened this one.

    `sees` names the earlier answers (of Coded) from which its words and choices follow; with it, and while it
    `is_blank`, everybody with these answers is shown the same questions. None: it shows rows that may change at any
    time, or more than codes.
    """

    name: str
    form: MakeForm
    is_blank: Callable[[Draft], bool]
    asked: Callable[[Draft], bool] = always
    follows: str = ""
    sees: tuple[str, ...] | None = ()

    def make(self, draft: Draft, language: str, data: Mapping[str, Any] | None = None) -> StepForm:
        return self.form(data, draft=draft, language=language)

    def is_answered(self, draft: Draft, language: str) -> bool:
        return not self.is_blank(draft) and self.make(draft, language).is_answered


def all_steps() -> tuple[Step, ...]:
    global _remembered
    now = forms.plan()
    kept = _remembered
    if kept is None or kept[0] is not now:
        kept = _remembered = (now, _every(now.always))
    return kept[1]


_remembered: tuple[forms.Plan, tuple[Step, ...]] | None = None


def _every(keys: list[str]) -> tuple[Step, ...]:
    late = [key for key in keys if key not in forms.EARLY]
    early = [key for key in keys if key in forms.EARLY]
    return (
        Step("country", forms.CountryForm, untouched("where", "country"), sees=("about",)),
        Step(
            "region",
            forms.RegionForm,
            untouched("where", "region"),
            _has("where", "country"),
            follows="country",
            sees=("country",),
        ),
        Step("about", forms.AboutForm, untouched("about")),
        *_questions(early),
        Step("category", forms.CategoryForm, untouched("what", "category"), sees=("about",)),
        Step(
            "subcode",
            forms.SubcodeForm,
            untouched("what", "subcode"),
            _has("what", "category"),
            follows="category",
            sees=("category",),
        ),
        _opened("by_kind", forms.opened_by(*forms.KIND), follows="subcode"),
        *_questions(late),
        Step("story", forms.StoryForm, untouched("story")),
        Step("files", forms.FilesForm, untouched("files"), sees=None),
        Step("person", forms.PersonForm, untouched("person"), sees=("about",)),
        Step("actor", forms.ActorForm, untouched("actor")),
        Step("exclude", forms.ExcludeForm, untouched("exclude"), sees=None),
        Step("handler", forms.HandlerForm, untouched("handler")),
        Step("contact", forms.ContactForm, untouched("contact")),
        Step(
            "contact_details",
            forms.ContactDetailsForm,
            untouched("contact"),
            _has("contact", "method"),
            follows="contact",
            sees=None,
        ),
        Step("subject_contact", forms.SubjectContactForm, untouched("subject_contact"), _is_known_to_the_person),
        Step(
            "subject_contact_details",
            forms.SubjectContactDetailsForm,
            untouched("subject_contact"),
            _has_subject_method,
            follows="subject_contact",
            sees=None,
        ),
        Step("consent", forms.ConsentForm, untouched("consent"), _is_consent_asked),
        Step("subject_consent", forms.SubjectConsentForm, untouched("subject_consent"), _is_subject_asked),
    )


def asked_steps(draft: Draft) -> list[tuple[int, Step]]:
    """Numbered from 1 by their place among all steps, so that a page keeps its address while answers change."""
    every = all_steps()
    return [(number, every[number - 1]) for number in asked_numbers(draft)]


def asked_numbers(draft: Draft) -> tuple[int, ...]:
    return _asked(coded(draft), reference_data().read_at)


@lru_cache(maxsize=4096)
def _asked(answers: Coded, read_at: float) -> tuple[int, ...]:
    """`read_at`: the questions and their conditions are those of that reading of the reference data."""
    draft = answers.as_draft()
    return tuple(number for number, step in enumerate(all_steps(), start=1) if step.asked(draft))


def neighbours(draft: Draft, number: int) -> tuple[int | None, int | None]:
    """Numbers of the asked steps before and after this one."""
    numbers = asked_numbers(draft)
    place = bisect_left(numbers, number)
    after = numbers[bisect_right(numbers, number) :]
    return (numbers[place - 1] if place else None), (after[0] if after else None)


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
    asked = reversed(asked_steps(draft))
    return neighbours(draft, next((number for number, step in asked if step.is_answered(draft, language)), 0))[1]


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
        yield Step(key, _asking(forms.key_question(key)), untouched("questions", key), sees=("about",))
        yield _opened(f"{key}_more", forms.opened_by(key), follows=key)


def _opened(name: str, choose: Callable[[Draft], list[Any]], follows: str = "") -> Step:
    def is_blank(draft: Draft) -> bool:
        given = draft.get("questions") or {}
        return not any(question.key in given for question in choose(draft))

    return Step(name, _asking(choose), is_blank, lambda draft: bool(choose(draft)), follows, sees=DECIDING)


def _asking(choose: Callable[[Draft], list[Any]]) -> MakeForm:
    return partial(forms.QuestionsForm, choose=choose)
