"""The pages of the form in the order by danger: which exist, which are asked, what comes before and after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from intake.queries import reference_data

from . import forms
from .forms.base import Draft, StepForm

COMPLETING = ("contact_details",)  # without them the answer before is half an answer
EARLY = ("held", "harm")  # before "what happened": they decide how quickly we act
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
    late = [key for key in forms.key_questions() if key not in EARLY]
    early = [key for key in forms.key_questions() if key in EARLY]
    return (
        Step("country", forms.CountryForm),
        Step("region", forms.RegionForm, _has("where", "country"), follows="country"),
        Step("about", forms.AboutForm),
        *_questions(early),
        Step("category", forms.CategoryForm),
        Step("subcode", forms.SubcodeForm, _has("what", "category"), follows="category"),
        _opened("by_kind", forms.opened_by_kind, follows="subcode"),
        *_questions(late),
        Step("story", forms.StoryForm),
        Step("person", forms.PersonForm),
        Step("actor", forms.ActorForm),
        Step("exclude", forms.ExcludeForm),
        Step("handler", forms.HandlerForm),
        Step("contact", forms.ContactForm),
        Step("contact_details", forms.ContactDetailsForm, _has("contact", "method"), follows="contact"),
        Step("consent", forms.ConsentForm, lambda draft: reference_data().consent_text is not None),
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


def resume_at(draft: Draft, language: str) -> int | None:
    """The step after the last one that was answered; None when that was the last of all."""
    answered = [number for number, step in asked_steps(draft) if step.make(draft, language).is_answered]
    return neighbours(draft, answered[-1] if answered else 0)[1]


def can_be_sent(draft: Draft) -> bool:
    return not missing(draft)


def missing(draft: Draft) -> list[str]:
    """Names of the steps without which nothing can be sent."""
    needed = {"country": _has("where", "country"), "category": _has("what", "category")}
    return [name for name, is_there in needed.items() if not is_there(draft)]


def _has(section: str, name: str) -> Callable[[Draft], bool]:
    return lambda draft: bool((draft.get(section) or {}).get(name))


def _questions(keys: list[str]) -> Iterator[Step]:
    for key in keys:
        yield _opened(key, forms.key_question(key))
        yield _opened(f"{key}_more", forms.opened_by(key), follows=key)


def _opened(name: str, choose: Callable[[Draft], list[Any]], follows: str = "") -> Step:
    return Step(name, partial(forms.QuestionsForm, choose=choose), lambda draft: bool(choose(draft)), follows)
