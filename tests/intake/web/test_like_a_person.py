"""How long a report takes somebody who reads and types like a person. Time is counted, not waited for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client

from intake.models import Report
from intake.web import steps

from .person import Person

# Silent reading of English that is no fiction: 238 words a minute on average, most adults 175 to 300 (Brysbaert 2019,
# 190 studies). Longer words take longer: other languages are predicted by how many words say the same, and these pages
# say it in 477 (az) and 483 (ru) instead of 608. Close to what was measured aloud for Turkish and Russian
# (Trauzettel-Klosinski and Dietz 2012: 17 languages, 184 on average).
WORDS_PER_MINUTE = {"en": 238, "az": 187, "ru": 189}
SIGNS_PER_SECOND = 3.0
PRESS = 1.0  # seconds to find and press one thing
LOAD = 0.8  # seconds for a page to come, at 32 kB/s
FOUR_MINUTES = 240.0
STORY = {
    "az": "Üç aydır əməkhaqqımı vermirlər, pasportum da onlardadır. Nə edim?",
    "ru": "Три месяца не платят зарплату и не отдают паспорт. Что мне делать?",
    "en": "They have not paid me for three months and keep my passport. What can I do?",
}
ANSWERS = {
    "country": {"country": "RU"},
    "region": {"region": "RU-MOW"},
    "about": {"about": "me"},
    "held": {"held": "no"},
    "harm": {"harm": "no"},
    "category": {"category": "WRK"},
    "subcode": {"subcode": "UNPAID"},
    "by_kind": {"wrk_owed_0": "150000", "wrk_owed_1": "RUB"},
    "date_near": {"date_near": "no"},
    "child": {"child": "no"},
    "need": {"need": "no"},
    "forced": {"forced": "yes"},
    "forced_more": {"forced_what": ["papers_taken", "withheld_pay"], "no_papers": "yes"},
    "handler": {"handler": "AZ"},
    "contact": {"way": "mailbox"},
    "consent": {"share": "ask_first", "groups": ["story"]},
}
PERSONAL = ("identity_name", "actor_name", "value", "must_not_see_text", "cover_name", "safe_word")
TYPED = ("story", "wrk_owed_0")


@dataclass
class Clock:
    language: str
    seconds: float = 0.0
    read: set[str] = field(default_factory=set)
    pages: int = 0

    def reads(self, response: HttpResponse, given: Mapping[str, object] | None = None) -> None:
        """Word for word what was not on an earlier page (nobody reads "Continue" twenty times), but of a list only as
        far as the own answer; of a page that is left empty only the questions, not their answers."""
        self.pages += 1
        main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
        page = re.sub(r"<select.*?</select>|<details.*?</details>|<nav.*?</nav>", "", main, flags=re.S)
        if given is not None:
            page = re.sub(
                r'<div class="choices.*?</fieldset>', lambda found: _until_own(found[0], given), page, flags=re.S
            )
        lines = {" ".join(line.split()) for line in re.split(r"<[^>]+>", page)} - self.read
        self.read |= lines
        self.seconds += LOAD + sum(len(line.split()) for line in lines) * 60 / WORDS_PER_MINUTE[self.language]

    def types(self, given: dict[str, object]) -> None:
        for name, value in given.items():
            if name in TYPED:
                self.seconds += len(str(value)) / SIGNS_PER_SECOND
            else:
                self.seconds += PRESS * (len(value) if isinstance(value, list) else 1)
        self.seconds += PRESS


def _until_own(choices: str, given: Mapping[str, object]) -> str:
    name = re.search(r'name="(\w+)"', choices)
    own = given.get(name[1]) if name else None
    if own is None:
        return ""
    last = own[-1] if isinstance(own, list) else own
    before, _value, after = choices.partition(f'value="{last}"')
    return before + after.partition("</label>")[0].partition(">")[2]


def begins(person: Person, clock: Clock) -> None:
    clock.reads(person.get())
    person.begin()
    clock.types({})


def answers(person: Person, clock: Clock, *, until: str) -> None:
    """Every page that comes, in its order, up to and with `until`."""
    given_on = {**ANSWERS, "story": {"story": STORY[person.language]}}
    for step in steps.all_steps():
        shown = person.get(person.page_of(step.name))
        if shown.status_code != 200:
            continue
        given = given_on.get(step.name, {})
        assert not set(given) & set(PERSONAL)
        clock.reads(shown, given)
        clock.types(given)
        last = {"then": "send"} if step.name == until else {}
        assert person.answer(step.name, **given, **last).status_code == 303, step.name
        if last:
            return


def sends(person: Person, clock: Clock) -> Report:
    clock.reads(person.get("code/"))
    clock.seconds += len(person.code()) / SIGNS_PER_SECOND + PRESS  # written down on paper
    person.post("code/")
    return Report.objects.get()


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_a_report_takes_less_than_four_minutes_and_nothing_personal(reference: None, language: str) -> None:
    """All that decides what is done and how quickly, and the story; then "Send now, add the rest later"."""
    clock, person = Clock(language), Person(Client(), language)
    begins(person, clock)
    answers(person, clock, until="story")
    report = sends(person, clock)
    assert report.identity is None and report.actor_name is None and report.story is not None
    assert clock.pages >= 15
    assert clock.seconds < FOUR_MINUTES


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_every_page_to_the_last_takes_about_six(reference: None, language: str) -> None:
    """With who must not see it, who looks after it, contact, consent word by word, and all answers read again."""
    clock, person = Clock(language), Person(Client(), language)
    begins(person, clock)
    answers(person, clock, until="")
    clock.reads(person.get("check/"))
    clock.types({})
    report = sends(person, clock)
    assert report.handler == "AZ" and report.identity is None
    assert clock.seconds < 6.5 * 60
