"""Every field of every page with every kind of bad input: answered in words, nothing half-written, no good lost."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from intake.actions.drafts import open_draft
from intake.models import Draft, Report
from intake.web import steps
from tests.extent import EVERY_PAGE

from .person import Person

FORM = "application/x-www-form-urlencoded"
MEGABYTE = 1_000_000  # characters, of which a browser makes six bytes each; Django's limit is a little above
NOT_KEPT = re.compile("\\\\u00|[\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Opens every page there is: about somebody else who knows of it, in custody, and a number for each of the two.
GOOD: dict[str, dict[str, Any]] = {
    "country": {"country": "RU"},
    "about": {"about": "other"},
    "held": {"held": "yes"},
    "harm": {"harm": "yes"},
    "category": {"category": "DET"},
    "subcode": {"subcode": "POLICE"},
    "date_near": {"date_near": "yes"},
    "child": {"child": "yes"},
    "need": {"need": "yes"},
    "forced": {"forced": "yes"},
    "story": {"story": "Yaxşı cavab"},
    "person": {"identity_name": "Canary-name", "age_band": "25_39"},
    "contact": {"way": "phone"},
    "subject_contact": {"way": "phone"},
}
# Cleaning goes sign by sign and a choice is there or not: what is bad in the same way goes in one request.
BAD: dict[str, list[str]] = {
    "empty": [""],
    "one megabyte": [],  # shared out among the page's fields
    "a million of ж": [],
    "signs": [
        "\x00\x01\x1b[31m\x7f\u202etxt.exe\u2066\udfff\ud83d"
        + "👩‍👩‍👧‍👦" * 50
        + "漢字 كلمة हिन्दी २०"
        + "a"
        + "\u0301" * 999
    ],
    "code": ["' OR 1=1 -- <script>alert(1)</script> {{ settings.SECRET_KEY }}{% debug %} [1, {}]"],
    "number": ["9" * 5000],
    "one name twice": ["yes", "no"],
}

BODIES_OF_MEGABYTES = ("a million of ж",)  # half a second each: in `make test` where one writes most
FULL_OF_WORDS = ("story", "person", "actor")


@pytest.fixture
def writing(person: Person) -> Person:
    """Half-way through, with something good on many pages."""
    person.begin()
    token = person.token("p/1/")
    for name, given in GOOD.items():
        assert posted(person, token, name, given).status_code == 303, name
    return person


def posted(person: Person, token: str, name: str, given: dict[str, Any]) -> HttpResponse:
    body = urlencode({"token": token, **given}, doseq=True)
    return person.client.post(person.path(person.page_of(name)), body, content_type=FORM)


def kept(person: Person) -> dict[str, Any]:
    return dict(open_draft(secret=person.draft_cookie, now=timezone.now()).answers)


def bad_pages(person: Person, kind: str) -> Iterator[tuple[steps.Step, dict[str, Any]]]:
    """Each page that is asked now, with the same in each of its fields."""
    for step in steps.all_steps():
        if kind in BODIES_OF_MEGABYTES and not (EVERY_PAGE or step.name in FULL_OF_WORDS):
            continue
        if step.asked(answers := kept(person)):
            names = list(step.make(answers, "en").fields) or [step.name]
            words = BAD[kind] or [("ж" if kind.endswith("ж") else "x") * (MEGABYTE // len(names))]
            yield step, {name: [word.encode("utf-8", "surrogatepass") for word in words] for name in names}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_breaks_nothing_and_costs_no_good_answer(writing: Person, kind: str) -> None:
    token, seen = writing.token("p/1/"), 0
    for step, given in bad_pages(writing, kind):
        before = kept(writing)
        response = posted(writing, token, step.name, given)
        after = kept(writing)  # it opens still
        assert response.status_code in (303, 422) and "<script>alert" not in response.content.decode(), step.name
        section = step.make(before, "en").section
        others = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        assert others <= ({section} if response.status_code == 303 else set()), step.name
        assert not NOT_KEPT.search(json.dumps(after, ensure_ascii=False)), step.name
        seen += 1
        if step.name in GOOD and after != before:
            assert posted(writing, token, step.name, GOOD[step.name]).status_code == 303
    assert seen >= (28 if EVERY_PAGE or kind not in BODIES_OF_MEGABYTES else len(FULL_OF_WORDS))
    answers = kept(writing)
    assert answers["story"]["story"] == "Yaxşı cavab" and answers["person"]["identity_name"] == "Canary-name"
    assert answers["questions"]["held"] == "yes"


def test_after_bad_input_on_every_page_the_good_answers_are_sent(writing: Person) -> None:
    token = writing.token("p/1/")
    for step, given in bad_pages(writing, "signs"):
        posted(writing, token, step.name, given)
        posted(writing, token, step.name, GOOD.get(step.name, {}))
    report = writing.send()
    assert (report.country_id, report.category_id, report.subcode) == ("RU", "DET", "POLICE")


def test_a_file_in_the_place_of_words_is_not_taken(writing: Person) -> None:
    token = writing.token("p/1/")
    for step in steps.all_steps():
        names = step.make(before := kept(writing), "en").fields
        if step.asked(before) and step.name != "files":
            files = "".join(
                f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n\r\nz\r\n' for name in names
            )
            body = f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n{files}--x--\r\n'
            place = writing.path(writing.page_of(step.name))
            response = writing.client.post(place, body.encode(), content_type="multipart/form-data; boundary=x")
            assert response.status_code in (303, 422), step.name
            posted(writing, token, step.name, GOOD.get(step.name, {}))
    assert kept(writing)["where"]["country"] == "RU" and kept(writing)["what"]["category"] == "DET"


def test_two_tabs_write_beside_each_other_and_the_later_answer_stands(writing: Person) -> None:
    other = Person(Client(), "ru")
    other.client.cookies = writing.client.cookies
    here, there = writing.token("p/1/"), other.token("p/1/")
    posted(writing, here, "story", {"story": "from the first tab"})
    posted(other, there, "actor", {"actor_name": "from the second tab"})
    posted(other, there, "story", {"story": "changed in the second tab"})
    posted(writing, here, "handler", {"handler": "AZ"})
    answers = kept(writing)
    assert answers["story"] == {"story": "changed in the second tab"} and answers["handler"] == {"handler": "AZ"}
    assert answers["actor"]["actor_name"] == "from the second tab" and answers["where"]["country"] == "RU"
    assert Draft.objects.count() == 1


def test_back_and_sent_again_from_the_old_page_changes_that_answer_alone(writing: Person) -> None:
    """The page as the browser kept it, with what had been chosen on it."""
    token, before = writing.token("p/1/"), kept(writing)
    for held in ("no", "yes"):
        posted(writing, token, "held", {"page": "held", "held": held})
    assert kept(writing) == before
    assert writing.post("code/")["Location"] == "/en/sent/"
    assert posted(writing, token, "story", {"story": "after sending"})["Location"] == "/en/sent/"
    assert writing.post("code/")["Location"] == "/en/sent/"
    assert Report.objects.count() == 1


def test_a_clock_that_jumps_back_a_day_keeps_everything(writing: Person) -> None:
    token, before = writing.token("p/1/"), kept(writing)
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        assert posted(writing, token, "actor", {"actor_name": "yesterday"}).status_code == 303
        code = writing.code()
        writing.send()
        assert writing.code("sent/") == code
        writing.post("sent/")
        assert Person(Client(), "en").open_page(code)["Location"] == "/en/page/"
    assert Report.objects.count() == 1 and before["story"]["story"] == "Yaxşı cavab"
    assert Person(Client(), "en").open_page(code)["Location"] == "/en/page/"  # and when it is right again
