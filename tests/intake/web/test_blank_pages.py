"""Pages of the form that are made once and shown to many: everybody sees what would have been made for them alone."""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import translation

from intake.models import Country, QuestionSet
from intake.queries import forget_reference_data
from intake.web import cookies, steps
from intake.web.coded import coded
from intake.web.forms.base import Draft, StepForm
from intake.web.views.around import WITH_NUMBERS, around
from intake.web.views.blank import blank_page
from intake.web.views.step import show_step

from .person import Person

LANGUAGES = [code for code, _name in settings.LANGUAGES]
QUERIES = ("", "?from=check", "?then=send", "?from=check&then=send")
CANARY = "Kanareyka"
DRAFTS = range(12)


def typed_draft(seed: int) -> dict[str, Any]:
    """What is left by somebody who answers half of the pages, by chance. Every text holds the canary."""
    chance, draft = random.Random(seed), {}
    for step in steps.all_steps():
        if not step.asked(draft) or (step.name != "country" and chance.random() < 0.5):
            continue
        form = step.make(draft, "az", dict(_given(step.make(draft, "az"), chance)))
        if form.is_valid():
            kept = {**draft.get(form.section, {}), **form.answers()}
            draft[form.section] = {name: value for name, value in kept.items() if value is not None}
    return draft


def _given(form: StepForm, chance: random.Random) -> Iterator[tuple[str, Any]]:
    for name, field in form.fields.items():
        if codes := [str(code) for code, _label in getattr(field, "choices", [])]:
            chosen = chance.choice(codes)
            yield name, [chosen] if getattr(field.widget, "allow_multiple_selected", False) else chosen
        else:
            yield name, f"{CANARY} {chance.random()}"


def asking(number: int, language: str, query: str = "", secret: str = "a") -> HttpRequest:
    request = RequestFactory().get(f"/{language}/p/{number}/{query}")
    request.COOKIES[cookies.DRAFT] = secret
    request.resolver_match = resolve(request.path)
    return request


def remembered(request: HttpRequest, language: str, draft: Draft, number: int, sentence: str = "") -> bytes | None:
    page = blank_page(request, language, draft, around(request, language, draft, number, sentence))
    return page.content if page else None


def made_anew(request: HttpRequest, language: str, draft: Draft, number: int, sentence: str = "") -> bytes:
    form = steps.all_steps()[number - 1].make(draft, language)
    return show_step(request, language, draft, number, form, sentence=sentence).content


def test_a_remembered_page_is_the_page_that_would_be_made_anew(reference: None) -> None:
    """For each page that is asked, in each language by turns, with and without what an address may carry."""
    found = set()
    for seed in DRAFTS:
        language, draft = LANGUAGES[seed % len(LANGUAGES)], typed_draft(seed)
        with translation.override(language):
            for number, step in steps.asked_steps(draft):
                request = asking(number, language, QUERIES[(seed + number) % len(QUERIES)], secret=str(seed))
                if page := remembered(request, language, draft, number, "Once more"):
                    assert page == made_anew(request, language, draft, number, "Once more"), step.name
                    found.add(step.name)
    assert len(found) >= 18


def test_whatever_is_answered_is_shown_from_the_draft(reference: None) -> None:
    for draft in map(typed_draft, DRAFTS):
        for number, step in steps.asked_steps(draft):
            assert step.is_answered(draft, "en") == step.make(draft, "en").is_answered, step.name
            if step.is_answered(draft, "en"):
                assert remembered(asking(number, "en"), "en", draft, number) is None, step.name


def test_pages_are_asked_by_codes_as_by_the_whole_draft(reference: None) -> None:
    for draft in map(typed_draft, DRAFTS):
        whole = [number for number, step in enumerate(steps.all_steps(), start=1) if step.asked(draft)]
        assert list(steps.asked_numbers(draft)) == whole


def test_nothing_that_was_typed_is_part_of_what_is_remembered(reference: None) -> None:
    """A page is made from these two and the language alone."""
    drafts = [draft for draft in map(typed_draft, DRAFTS) if CANARY in repr(draft)]
    assert len(drafts) >= len(DRAFTS) // 2
    for draft in drafts:
        for number, _step in steps.asked_steps(draft):
            assert CANARY not in repr((coded(draft), around(asking(number, "az"), "az", draft, number, "")))


def test_an_answer_that_opens_nothing_is_not_the_same_as_none(reference: None) -> None:
    assert coded({"questions": {"held": "no"}}) != coded({"questions": {}})
    assert coded({"questions": {"held_place": CANARY}}) == coded({"questions": {}})


def test_many_people_at_once_see_their_own_pages(reference: None) -> None:
    """Without the pages with numbers to call: they ask the database, which a test's threads do not share."""
    shown = []
    for seed in range(6):
        language, draft = LANGUAGES[seed % len(LANGUAGES)], typed_draft(seed)
        for number, step in steps.asked_steps(draft):
            if step.sees is not None and step.name not in WITH_NUMBERS and step.is_blank(draft):
                with translation.override(language):
                    request = asking(number, language, secret=str(seed))
                    shown.append((request, language, draft, number, made_anew(request, language, draft, number)))
    at_once = [one for one in shown for _ in range(8)]
    random.Random(1).shuffle(at_once)

    def asks(one: tuple[HttpRequest, str, Draft, int, bytes]) -> bool:
        request, language, draft, number, expected = one
        return remembered(request, language, draft, number) == expected

    with ThreadPoolExecutor(8) as people:
        assert all(people.map(asks, at_once))


def test_two_people_on_the_same_page_have_their_own_token_each(reference: None) -> None:
    one, other = Person(Client(), "ru"), Person(Client(), "ru")
    for person in (one, other):
        person.begin()
    pages = [person.get(person.page_of("country")).content.decode() for person in (one, other, one)]
    tokens = [re.findall(r'name="token" value="(\w+)"', page) for page in pages]
    assert tokens[0] == tokens[2] != tokens[1] and [len(found) for found in tokens] == [1, 1, 1]
    assert pages[0].replace(tokens[0][0], tokens[1][0]) == pages[1]
    assert one.answer("country", country="RU").status_code == other.answer("country", country="AZ").status_code == 303


def test_what_an_address_carries_besides_is_on_no_page_of_others(person: Person) -> None:
    person.begin()
    place = person.page_of("country")
    first = person.get(place).content
    strange = person.get(f"{place}?from={CANARY}&then={CANARY}").content.decode()
    assert person.get(place).content == first and CANARY not in first.decode()
    assert strange.count(CANARY) == len(LANGUAGES) - 1  # the same page in other languages, as before


def test_new_words_of_an_operator_are_shown(reporting: Person) -> None:
    before = reporting.get(reporting.page_of("child")).content.decode()
    row = QuestionSet.objects.get(is_active=True)
    question = next(one for one in row.definition["questions"] if one["key"] == "child")
    words, question["en"] = question["en"], "Is a child with you?!"
    row.save()
    forget_reference_data()
    after = reporting.get(reporting.page_of("child")).content.decode()
    assert words in before and "Is a child with you?!" in after and words not in after


def test_a_new_country_is_shown(person: Person) -> None:
    person.begin()
    assert "Atlantis" not in person.get(person.page_of("country")).content.decode()
    Country.objects.create(code="XA", labels={"en": "Atlantis"}, is_stay=True)
    forget_reference_data()
    assert "Atlantis" in person.get(person.page_of("country")).content.decode()


def test_no_page_is_shown_without_its_draft(person: Person) -> None:
    person.begin()
    place = person.page_of("country")
    assert person.get(place).status_code == 200
    stranger = Person(Client(), person.language)
    stranger.client.cookies[cookies.DRAFT] = "never given out"
    assert stranger.get(place).status_code == 410
    assert Person(Client(), person.language).get(place).status_code == 303
