"""What a page of the form shows around its questions: where one is, the way back, which buttons there are."""

from typing import Any, NamedTuple

from django.http import HttpRequest

from intake.web import steps
from intake.web.coded import coded
from intake.web.door import address
from intake.web.emergency import Number, numbers_of
from intake.web.forms.base import Draft, StepForm

WITH_NUMBERS = ("held", "harm", "harm_more")  # pages on which somebody may find that they need to call


class Around(NamedTuple):
    """Nothing that somebody typed and nothing that only one person may have stands in it."""

    page: str
    number: int
    place: int
    places: int
    before: int | None
    from_check: bool
    is_sending: bool
    sentence: str
    can_be_sent: bool
    can_stop: bool
    numbers: tuple[Number, ...]

    def shown(self, form: StepForm, token: str, language: str) -> dict[str, Any]:
        return {**self._asdict(), "back": self._back(language), "form": form, "token": token}

    def _back(self, language: str) -> str:
        if self.from_check:
            return address("check", language)
        return address("step", language, number=self.before) if self.before else address("first", language)


def around(request: HttpRequest, language: str, draft: Draft, number: int, sentence: str) -> Around:
    name = steps.all_steps()[number - 1].name
    return Around(
        name,
        number,
        *steps.progress(draft, number),
        steps.neighbours(draft, number)[0],
        _is_from_check(request),
        request.GET.get("then") == "send" or (request.method == "POST" and request.POST.get("sending") == "send"),
        sentence,
        steps.offers_sending(draft),
        bool(draft),
        tuple(numbers_of(coded(draft).country, language)) if name in WITH_NUMBERS else (),
    )


def _is_from_check(request: HttpRequest) -> bool:
    return request.GET.get("from") == "check" or (request.method == "POST" and request.POST.get("from") == "check")
