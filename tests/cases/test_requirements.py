"""The hard requirements as a table (tables/requirements.csv), and against a second, naive statement of the rules."""

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.deadlines import WorkingCalendar, next_opening
from cases.queries.agreements import AgreementTerms
from cases.routing import names
from cases.routing.requirements import REASONS, agreement_relied_on, check, memorandum_relied_on
from cases.routing.snapshot import AreaFacts, CaseFacts, PartnerFacts, PastReferral, ServiceFacts
from cases.workflow import EXCLUDING_DECLINES
from intake.queries import ConsentInForce

WORLDS = 20_000 if os.environ.get("KORPU_FAULTS") == "full" else 600
TABLE = Path(__file__).parent / "tables" / "requirements.csv"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Moscow
MOSCOW = ZoneInfo("Europe/Moscow")
THIS, OTHER_PARTNER = UUID(int=1), UUID(int=2)
BODY, OTHER_BODY = UUID(int=11), UUID(int=12)
ALL_GROUPS = "identity contact story documents family"
CALENDARS = {
    "office": WorkingCalendar(hours={day: [(time(9), time(18))] for day in range(5)}, zone=MOSCOW),
    "always": WorkingCalendar(hours={day: [(time(0), time(0))] for day in range(7)}, zone=MOSCOW),
    "never": WorkingCalendar(hours={}, zone=MOSCOW),
}


def rows() -> Iterator[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def changes(cell: str) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in cell.split(";") if part.strip())


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row["what"])
def test_the_table_of_requirements(row: dict[str, str]) -> None:
    told = changes(row["case"])
    now = datetime.strptime(told.pop("now"), "%Y-%m-%d %H:%M").replace(tzinfo=UTC) if "now" in told else NOW
    case, partner = case_from(told, now), partner_from(changes(row["partner"]), now)
    assert sorted(check(case, partner, now)) == sorted(row["reasons"].split())


def test_the_table_shows_every_reason_alone() -> None:
    alone = {row["reasons"] for row in rows() if row["reasons"] and " " not in row["reasons"]}
    assert alone == set(REASONS)


def test_every_reason_has_words_in_the_glossary() -> None:
    glossary = Path(__file__).parents[2] / "seeds" / "data" / "glossary.csv"
    with glossary.open(encoding="utf-8", newline="") as lines:
        keys = {row[0] for row in csv.reader(lines)}
    assert {f"req.{reason}" for reason in REASONS} <= keys


def test_of_two_agreements_the_one_that_fits_is_relied_on() -> None:
    narrow, fitting = terms(categories="DET"), terms(categories="WRK")
    partner = replace(partner_from({}, NOW), agreements=(narrow, fitting))
    assert check(case_from({}, NOW), partner, NOW) == ()
    assert agreement_relied_on(case_from({}, NOW), partner) is fitting


def test_the_memorandum_is_relied_on_only_where_the_chain_needs_it() -> None:
    case, partner = case_from({}, NOW), partner_from({"memorandum": "valid"}, NOW)
    assert memorandum_relied_on(case, partner) is None
    assert memorandum_relied_on(case, replace(partner, side="RU")) is partner.memorandum


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Əliyev", "Алиев"),
        ("Həsənov", "Гасанов"),
        ("Məmmədov", "Мамедов"),
        ("Hüseynov", "Huseynov"),
        ("Cəfərov", "Джафаров"),
        ("Xəlilov", "Халилов"),
        ("İstanbul İnşaat", "ISTANBUL İNŞAAT MMC"),
        ("ООО «Ромашка»", "romashka"),
        ("Мост надежды", "мосту надежде"),
        ("Körpü", "Körpünün"),
        ("Кирпич-Град (демо)", "Kirpich-Grad"),
    ],
)
def test_one_name_is_found_in_another_alphabet_and_ending(one: str, other: str) -> None:
    assert names.any_match([names.words(one)], [names.words(other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [("Роман", "Ромашка"), ("ООО Василёк", "ООО Ромашка"), ("Əliyev Elçin", "Алиев Рамиз"), ("", "МВД")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert not names.any_match([names.words(one)], [names.words(other)])


# --- a second statement of the rules, as flat as possible -------------------------------------------------------------
def naive(  # noqa: C901 one flat list, to be read against domain.md §8
    case: CaseFacts, partner: PartnerFacts, now: datetime, same_name: bool, names_excluded: bool
) -> bool:
    crosses = partner.side != case.side

    def chain_is_good(agreement: AgreementTerms) -> bool:
        chain = [agreement]
        if agreement.under_memorandum or crosses:
            if partner.memorandum is None:
                return False
            chain.append(partner.memorandum)
        for link in chain:
            if len(link.countries) > 0 and case.country not in link.countries:
                return False
            if len(link.categories) > 0 and case.category not in link.categories:
                return False
            if any(group not in link.data_groups for group in case.consent.groups):
                return False
        return True

    if not any(chain_is_good(agreement) for agreement in partner.agreements):
        return False
    if crosses and not case.consent.cross_border:
        return False
    if not partner.is_active or partner.load >= partner.capacity:
        return False
    if partner.paused_until and now.astimezone(partner.calendar.zone).date() <= partner.paused_until:
        return False
    service = partner.service
    if service is None:
        return False
    if service.subcodes and case.subcode not in service.subcodes:
        return False
    if service.age_bands and case.age_band != "" and case.age_band not in service.age_bands:
        return False
    if service.genders and case.gender is not None and case.gender not in service.genders:
        return False
    if (case.child == "yes" or case.age_band in ("under_14", "14_17")) and not service.child_safeguarding:
        return False
    if not [a for a in partner.areas if a.country == case.country and a.region in (None, case.region)]:
        return False
    if case.language not in partner.languages | partner.interpreter_languages:
        return False
    if case.urgency in (3, 4) and not naive_is_open_sometime(partner.calendar, now, case.answer_due_by):
        return False
    if same_name or names_excluded or partner.body_id in case.excluded_bodies:
        return False
    if case.consent.share == "none" or case.consent.per_body.get(partner.body_id) == "none":
        return False
    if case.subject_unaware or case.is_withdrawn:
        return False
    for past in case.past:
        if past.partner_id == partner.id and (past.round == case.round or past.reason in EXCLUDING_DECLINES):
            return False
    return True


def naive_is_open_sometime(calendar: WorkingCalendar, start: datetime, end: datetime) -> bool:
    """Looks at the clock every half hour; the tables below open and close on half hours only."""
    moment = start
    while moment <= end:
        local = moment.astimezone(calendar.zone)
        for opens, closes in calendar.hours.get(local.weekday(), ()):
            if opens <= local.time() and (local.time() <= closes or closes == time(0)):
                return True
        moment += timedelta(minutes=30)
    return False


FIRM = {"ООО «Ромашка»": 1, "Romashka": 1, "Василёк": 2, "Vasilyok MMC": 2}  # two firms, each spelled twice


def mostly(fitting: Any, *others: Any) -> st.SearchStrategy[Any]:
    """So that about one world in ten is eligible and most of the others fail for one or two reasons."""
    return st.sampled_from([fitting] * 12 * len(others) + list(others))


def few(*values: Any) -> st.SearchStrategy[frozenset[Any]]:
    return mostly(frozenset(), frozenset(values[:1]), frozenset(values))


DATA = frozenset({"contact", "story"})
agreements = st.builds(
    AgreementTerms,
    version_id=st.integers(1, 99).map(lambda number: UUID(int=number)),
    under_memorandum=mostly(False, True),
    countries=few("RU", "AZ") | few("AZ"),
    categories=few("WRK", "DET") | few("DET"),
    data_groups=mostly(DATA, frozenset({"contact"}), frozenset()),
)
partners = st.builds(
    partial(PartnerFacts, id=THIS, body_id=BODY, opens_at=None),
    side=mostly("AZ", "RU"),
    is_active=mostly(True, False),
    paused_until=mostly(None, date(2026, 11, 23), date(2026, 11, 24)),
    calendar=mostly(*CALENDARS.values()),
    service=mostly(ServiceFacts(child_safeguarding=True), None)
    | st.builds(
        ServiceFacts,
        subcodes=few("UNPAID"),
        age_bands=few("25_39", "14_17"),
        genders=few("female"),
        child_safeguarding=mostly(True, False),
    ),
    areas=st.lists(
        st.builds(AreaFacts, mostly("RU", "AZ"), mostly("RU-MOW", None, "RU-SPE"), st.booleans()),
        min_size=1,
        max_size=3,
    ).map(tuple)
    | st.just(()),
    languages=mostly(frozenset({"az", "ru"}), frozenset({"ru"}), frozenset()),
    interpreter_languages=few("az"),
    capacity=mostly(3, 2, 0),
    load=st.integers(0, 2),
    agreements=st.lists(agreements, min_size=1, max_size=2).map(tuple) | mostly((), ()),
    memorandum=st.none() | agreements,
)
cases = st.builds(
    CaseFacts,
    side=mostly("AZ", "RU"),
    category=mostly("WRK", "DET"),
    subcode=mostly("UNPAID", "HOURS", ""),
    urgency=st.integers(1, 4),
    country=mostly("RU", "AZ"),
    region=mostly("RU-MOW", "RU-SPE", None),
    language=mostly("ru", "az"),
    age_band=mostly("25_39", "14_17", "60_plus", ""),
    child=mostly("no", "yes", "unknown", ""),
    gender=mostly(None, "female", "male"),
    consent=st.builds(
        ConsentInForce,
        share=mostly("any", "ask_first", "none"),
        cross_border=st.booleans(),
        groups=st.sampled_from([DATA, frozenset(), frozenset({"contact"})]),
        per_body=mostly({}, {BODY: "any"}, {BODY: "none"}, {OTHER_BODY: "none"}),
    ),
    answer_due_by=st.integers(0, 100).map(lambda hours: NOW + timedelta(hours=hours)),
    round=st.integers(1, 2),
    subject_unaware=mostly(False, True),
    is_withdrawn=mostly(False, True),
    past=st.lists(
        st.builds(
            PastReferral,
            mostly(OTHER_PARTNER, THIS),
            st.integers(1, 2),
            st.sampled_from(["", "no_capacity", "conflict_of_interest", "out_of_mandate"]),
        ),
        max_size=2,
    ).map(tuple),
    excluded_bodies=mostly(frozenset(), frozenset({BODY}), frozenset({OTHER_BODY})),
)
spelling = mostly(None, *FIRM)


worlds = st.fixed_dictionaries(
    {
        "case": cases,
        "partner": partners,
        "actor": spelling,
        "excluded": spelling,
        "related": spelling,
        "own": st.sampled_from(list(FIRM)),
        "hour": st.integers(0, 167),
    }
)


def test_a_case_can_be_offered_exactly_when_the_naive_rules_say_so() -> None:
    eligible = set()

    # The short form tries the same worlds each time; the long one looks for new ones.
    @settings(max_examples=WORLDS, deadline=None, database=None, derandomize=WORLDS < 1_000)
    @given(worlds)
    def agree(world: dict[str, Any]) -> None:
        case, partner, now = facts_of(**world)
        related = {FIRM[name] for name in (world["own"], world["related"]) if name}
        expected = naive(
            case,
            partner,
            now,
            same_name=FIRM.get(world["actor"]) in related,
            names_excluded=FIRM.get(world["excluded"]) == FIRM[world["own"]],
        )
        eligible.add(repr(world)) if expected else None
        assert (check(case, partner, now) == ()) is expected

    agree()
    assert len(eligible) > WORLDS / 30, "too few eligible worlds: the property proves little"


def facts_of(
    case: CaseFacts, partner: PartnerFacts, actor: str, excluded: str, related: str, own: str, hour: int
) -> tuple[CaseFacts, PartnerFacts, datetime]:
    ahead = timedelta(hours=hour)
    given_names = {"actor_names": names.several(actor or ""), "excluded_names": names.several(excluded or "")}
    case = replace(case, answer_due_by=case.answer_due_by + ahead, **given_names)
    partner = replace(
        partner,
        opens_at=next_opening(partner.calendar, NOW + ahead),
        names=names.several(own),
        related_names=names.several(related or ""),
    )
    return case, partner, NOW + ahead


# --- facts from the words of the table --------------------------------------------------------------------------------
def case_from(told: dict[str, str], now: datetime) -> CaseFacts:
    told = dict(told)
    get = told.pop
    urgency, answer_hours = int(get("urgency", "3")), int(get("answer_hours", "48"))
    answers = {
        body: get(key) for key, body in (("answer_to_this", BODY), ("answer_to_another", OTHER_BODY)) if key in told
    }
    past = [(THIS, get("past", None)), (OTHER_PARTNER, get("past_other", None))]
    facts = CaseFacts(
        side=get("side", "AZ"),
        category="WRK",
        subcode=get("subcode", "UNPAID"),
        urgency=urgency,
        country="RU",
        region=get("region", "RU-MOW") or None,
        language=get("language", "az"),
        age_band=get("age_band", "25_39"),
        child=get("child", "no"),
        gender=get("gender", "") or None,
        consent=ConsentInForce(
            share=get("share", "any"),
            cross_border=get("cross_border", "no") == "yes",
            groups=frozenset(get("consent_groups", "identity contact").split()),
            per_body=answers,
        ),
        answer_due_by=now + timedelta(hours=answer_hours),
        round=int(get("round", "1")),
        subject_unaware=get("subject_unaware", "no") == "yes",
        is_withdrawn=get("withdrawn", "no") == "yes",
        past=tuple(PastReferral(who, int(text.split(":")[0]), text.split(":")[1]) for who, text in past if text),
        excluded_bodies=frozenset(
            {"this": BODY, "another": OTHER_BODY}[word] for word in get("excluded_bodies", "").split()
        ),
        excluded_names=names.several(get("excluded", "")),
        actor_names=names.several(get("actor", "")),
    )
    assert not told, f"unknown facts in the table: {told}"
    return facts


def terms(
    prefix: str = "", told: dict[str, str] | None = None, *, under: bool = False, categories: str = ""
) -> AgreementTerms:
    get = told.pop if told is not None else {}.pop
    return AgreementTerms(
        version_id=UUID(int=100),
        under_memorandum=under,
        countries=frozenset(get(f"{prefix}countries", "").split()),
        categories=frozenset(get(f"{prefix}categories", categories).split()),
        data_groups=frozenset(get(f"{prefix}groups", ALL_GROUPS).split()),
    )


def partner_from(told: dict[str, str], now: datetime) -> PartnerFacts:
    told = dict(told)
    get = told.pop
    under = get("agreement_under_memorandum", "no") == "yes"
    agreement, memorandum = terms("agreement_", told, under=under), terms("memorandum_", told)
    service = ServiceFacts(
        subcodes=frozenset(get("service_subcodes", "").split()),
        age_bands=frozenset(get("service_ages", "").split()),
        genders=frozenset(get("service_genders", "").split()),
        child_safeguarding=get("child_safeguarding", "yes") == "yes",
    )
    paused = get("paused_until", "")
    facts = PartnerFacts(
        id=THIS,
        body_id=BODY,
        side=get("side", "AZ"),
        is_active=get("active", "yes") == "yes",
        paused_until=date.fromisoformat(paused) if paused else None,
        calendar=(calendar := CALENDARS[get("hours", "office")]),
        opens_at=next_opening(calendar, now),
        service=None if get("service", "") == "none" else service,
        areas=tuple(area_from(text) for text in get("areas", "RU:RU-MOW").split()),
        languages=frozenset(get("languages", "az ru").split()),
        interpreter_languages=frozenset(get("interpreters", "en").split()),
        capacity=int(get("capacity", "2")),
        load=int(get("load", "0")),
        agreements=() if get("agreement", "") == "none" else (agreement,),
        memorandum=memorandum if get("memorandum", "none") == "valid" else None,
        names=names.several(get("names", "")),
        related_names=names.several(get("related", "")),
    )
    assert not told, f"unknown facts in the table: {told}"
    return facts


def area_from(text: str) -> AreaFacts:
    country, region, *remote = text.split(":")
    return AreaFacts(country, region or None, bool(remote))
