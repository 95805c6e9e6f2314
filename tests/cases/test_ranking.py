"""The order of the partners that may be asked: fit, answer record, free places; closed ones last in urgent cases."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from cases.deadlines import WorkingCalendar
from cases.queries.agreements import AgreementTerms
from cases.routing.propose import SHORTLIST, STORED_RANKED, Proposal, offers_at_once, propose, shortlist, sift
from cases.routing.ranking import rank
from cases.routing.snapshot import AnswerRecord, AreaFacts, CaseFacts, PartnerFacts, ServiceFacts
from cases.routing.terms import WEIGHTS, Terms, Weights
from intake.queries import ConsentInForce

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Moscow
ALWAYS = WorkingCalendar(hours={day: [(time(0), time(0))] for day in range(7)}, zone=ZoneInfo("Europe/Moscow"))
CASE = CaseFacts(
    side="AZ",
    category="WRK",
    subcode="",
    urgency=3,
    country="RU",
    region="RU-MOW",
    language="az",
    age_band="",
    child="no",
    consent=ConsentInForce(share="any"),
    answer_due_by=datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
)
BASE = PartnerFacts(
    id=UUID(int=5),
    body_id=UUID(int=50),
    side="AZ",
    is_active=True,
    paused_until=None,
    calendar=ALWAYS,
    opens_at=NOW,
    service=ServiceFacts(),
    areas=(AreaFacts("RU", None),),
    languages=frozenset({"az"}),
    interpreter_languages=frozenset(),
    capacity=10,
    load=5,
    agreements=(AgreementTerms(UUID(int=9), False, frozenset(), frozenset(), frozenset()),),
    memorandum=None,
)


def first_of(*partners: PartnerFacts, case: CaseFacts = CASE, **records: AnswerRecord) -> int:
    by_id = {UUID(int=int(number[1:])): record for number, record in records.items()}
    return rank(case, partners, NOW, records=by_id)[0].partner_id.int


def like_base(number: int, **changes: object) -> PartnerFacts:
    return replace(BASE, id=UUID(int=number), **changes)


def test_a_specialised_service_comes_before_a_general_one() -> None:
    assert first_of(BASE, like_base(6, service=ServiceFacts(is_specialised=True))) == 6


def test_the_region_by_name_comes_before_the_whole_country_before_remote_help() -> None:
    named = like_base(8, areas=(AreaFacts("RU", "RU-MOW"), AreaFacts("AZ", None)))
    remote = like_base(1, areas=(AreaFacts("RU", None, is_remote=True),))
    assert [one.partner_id.int for one in rank(CASE, [remote, BASE, named], NOW, records={})] == [8, 5, 1]


def test_an_area_elsewhere_does_not_count_as_near() -> None:
    elsewhere = like_base(1, areas=(AreaFacts("RU", "RU-SPE"), AreaFacts("RU", None, is_remote=True)))
    assert first_of(elsewhere, BASE) == 5


def test_the_own_language_comes_before_an_interpreter() -> None:
    interpreter = like_base(1, languages=frozenset(), interpreter_languages=frozenset({"az"}))
    assert first_of(interpreter, BASE) == 5


def test_whoever_takes_the_person_for_certain_comes_before_a_service_for_women_when_the_gender_is_not_known() -> None:
    for_women = like_base(1, service=ServiceFacts(genders=frozenset({"female"})))
    assert first_of(for_women, BASE) == 5


def test_whoever_accepts_more_often_comes_first() -> None:
    assert first_of(BASE, like_base(6), p6=AnswerRecord(9, 10), p5=AnswerRecord(1, 10)) == 6


def test_one_refusal_weighs_less_than_ten() -> None:
    assert first_of(BASE, like_base(6), p5=AnswerRecord(0, 10), p6=AnswerRecord(0, 1)) == 6


def test_whoever_has_more_free_places_comes_first() -> None:
    assert first_of(BASE, like_base(6, load=1)) == 6


def test_a_tie_goes_to_the_smaller_id() -> None:
    assert first_of(like_base(7), BASE, like_base(6)) == 5


def test_in_an_urgent_case_a_closed_partner_comes_last_however_good_it_is() -> None:
    closed = like_base(1, opens_at=NOW + timedelta(hours=9), service=ServiceFacts(is_specialised=True), load=0)
    assert first_of(closed, BASE, case=replace(CASE, urgency=2)) == 5
    assert first_of(closed, BASE, case=CASE) == 1


def test_the_parts_explain_the_score() -> None:
    best = rank(CASE, [BASE], NOW, records={})[0]
    expected = sum(getattr(WEIGHTS, name) * part for name, part in best.parts.items())
    assert best.score == round(expected, 4)
    assert sum(getattr(WEIGHTS, name) for name in best.parts) == 1


def test_other_weights_give_another_order() -> None:
    near, free = like_base(6, areas=(AreaFacts("RU", "RU-MOW"),)), like_base(7, load=0)
    nothing = {name: 0.0 for name in Weights.__slots__}
    by_area, by_load = Weights(**{**nothing, "area": 1.0}), Weights(**{**nothing, "free": 1.0})
    assert rank(CASE, [near, free], NOW, records={}, terms=Terms(by_area))[0].partner_id.int == 6
    assert rank(CASE, [near, free], NOW, records={}, terms=Terms(by_load))[0].partner_id.int == 7


def a_proposal(seed: int) -> Proposal:
    chance = random.Random(1)
    partners = [
        like_base(
            number,
            load=chance.randrange(12),
            service=ServiceFacts(is_specialised=chance.random() < 0.5),
            languages=frozenset(chance.choice([{"az"}, {"ru"}, {"az", "ru"}])),
            areas=(AreaFacts("RU", chance.choice([None, "RU-MOW", "RU-SPE"])),),
        )
        for number in range(1, 120)
    ]
    random.Random(seed).shuffle(partners)
    everybody = [(partner.id, True) for partner in partners] + [(UUID(int=900), False), (UUID(int=901), True)]
    sifted = sift(CASE, partners, everybody, NOW)
    records = {partner_id: AnswerRecord(partner_id.int % 7, 7) for partner_id in shortlist(CASE, sifted, NOW)}
    return propose(CASE, sifted, NOW, records=records)


def test_the_same_facts_in_any_order_give_the_same_decision() -> None:
    assert a_proposal(2).stored() == a_proposal(3).stored()


def test_another_process_decides_the_same() -> None:
    code = (
        "import django; django.setup(); from tests.cases.test_ranking import a_proposal; print(a_proposal(4).stored())"
    )
    root = Path(__file__).parents[2]
    env = {
        **os.environ,
        "PYTHONHASHSEED": "12345",
        "DJANGO_SETTINGS_MODULE": "cases.conf.settings",
        "KORPU_TESTING": "1",
    }
    told = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(a_proposal(5).stored())


def test_what_is_stored_names_every_partner_once_and_keeps_the_best_twenty() -> None:
    proposal = a_proposal(6)
    stored = proposal.stored()
    assert len(stored["ranked"]) == STORED_RANKED < len(proposal.ranked)
    assert {"partner": str(UUID(int=900)), "reasons": ["no_service"]} in stored["rejected"]
    assert {"partner": str(UUID(int=901)), "reasons": ["out_of_area"]} in stored["rejected"]
    assert len(proposal.ranked) + len(stored["rejected"]) == 121


def test_the_answer_record_decides_among_the_shortlist_and_nobody_else_comes_before_it() -> None:
    partners = [like_base(number, load=number % 5) for number in range(1, 90)]
    sifted = sift(CASE, partners, [], NOW)
    short = shortlist(CASE, sifted, NOW)
    assert len(short) == SHORTLIST
    records = {partner_id: AnswerRecord(0, 50) for partner_id in short[:-1]} | {short[-1]: AnswerRecord(50, 50)}
    ranked = propose(CASE, sifted, NOW, records=records).ranked
    assert ranked[0].partner_id == short[-1]
    assert {one.partner_id for one in ranked[:SHORTLIST]} == set(short)


def test_only_an_immediate_case_is_offered_to_two_at_once() -> None:
    assert [offers_at_once(urgency) for urgency in (1, 2, 3, 4)] == [2, 1, 1, 1]
