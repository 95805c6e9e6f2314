"""A published synthetic world in which routing policies are judged: cases, partners, and what nobody can know before.

It is invented. It is written down, assumption by assumption, so that anybody can quarrel with a line of it:

1.  *Size.* 180 days, 1,500 cases, one country of 20 regions, the 16 problem categories of Körpü, 5 languages, 40
    partners of one side. Every partner may work with every case that it fits: agreements, consent and conflicts of
    interest are tested elsewhere and hold for every policy alike. The world begins empty.
2.  *Arrival.* 55 in 100 cases come alone, in an hour drawn evenly over the 180 days and around the clock. 45 in 100
    belong to an incident (a raid, a dormitory emptied, a factory that does not pay): 5–25 cases within three days, of
    one category and region, 70 % of them in one language. Category, region and language are drawn independently by
    fixed shares (below): a few are common.
3.  *Urgency.* The category's default with 55 %, one step more urgent with 10 %, one step less with 35 %: about three
    cases in ten are urgent (U1–U2).
4.  *Partners* (new ones for each seed). Half work in 2–5 regions, three in ten in 6–12, two in ten in the whole
    country, half of these at a distance only. Each serves 2–6 categories and is specialised in one or two of them.
    Languages are drawn by how common they are among organisations; half have an interpreter for one more.
5.  *Capacity* (cases at a time) follows the square root of what a partner would get if every case were split evenly
    among those it fits, times an error (lognormal, 0.5): organisations grow with the need that they meet, but not in
    step with it. It is scaled so that `load` = the work of all cases that fit anybody / all places. At least one each.
6.  *Work.* A case keeps its place for 3–90 days (lognormal, mean near 24), known to nobody beforehand, and ends by
    itself.
7.  *Answers.* A partner accepts or refuses at once, or is silent until the answer clock ends (2, 12, 48, 96 hours),
    during which the offer holds its place. How a partner answers a case is fixed beforehand and hidden; partners
    differ: on average 8 in 100 are refused and 4 in 100 met with silence. (In the field silence is far more common.)
    Nobody is asked twice about the same case.
8.  *Value* of a placement: urgency (8, 4, 2, 1) × fit × timeliness. Fit is 0.40, + 0.25 for a specialised service,
    + 0.20 × nearness (its region by name 1, whole country 0.7, at a distance 0.3), + 0.15 × language (own 1,
    interpreter 0.3). Timeliness falls evenly by the day from 1 on the day of arrival to 0 after 2, 5, 10 and 20 days
    (U1 … U4). A case that was not placed by then has left: somebody else helped, or nobody did.

The shares of incidents and of error in capacity (2, 5) were chosen before any policy was written, so that random and
best-score choice do about as well here as in the first probes of this figure (random 78 / 75 % of the bound, best-score
85 / 78 % with 75 / 61 % of the urgent cases on the day of arrival), and but for the share of urgent cases that
the bound itself can place, nothing else was looked at.

Everything follows from (seed, load) alone, by Python's own random numbers, seeded with text: the same in any process.
"""

import random
from dataclasses import dataclass, replace
from functools import cached_property

HOURS = 24
SHARES = {  # of the categories among 1,000 cases, with their default urgency
    "DET": (60, 1), "EXP": (20, 1), "SAF": (40, 1), "POL": (45, 2), "BAN": (50, 2), "HLT": (60, 2), "DTH": (20, 2),
    "HAT": (25, 3), "DOC": (130, 3), "RES": (170, 3), "WRK": (150, 3), "HOU": (60, 3), "EDU": (50, 3), "CIV": (50, 3),
    "SCM": (30, 4), "OTH": (40, 4),
}  # fmt: skip
REGIONS = {f"R{number:02}": round(1000 / (number + 2) ** 0.8) for number in range(20)}
LANGUAGES = {"az": 45, "ru": 35, "lez": 8, "en": 7, "tly": 5}  # of 100 cases
SPOKEN = {"ru": 0.85, "az": 0.70, "en": 0.45, "lez": 0.25, "tly": 0.20}  # by how many partners
MORE_URGENT, AS_USUAL = 0.10, 0.55
IN_INCIDENTS, INCIDENT, INCIDENT_HOURS, SAME_LANGUAGE = 0.45, (5, 25), 72, 0.70
CAPACITY_ERROR = 0.5

ANSWER_HOURS = {1: 2, 2: 12, 3: 48, 4: 96}
WORTH = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}
HELPS_WITHIN = {1: 2, 2: 5, 3: 10, 4: 20}  # days
URGENT = frozenset({1, 2})

MEAN_DAYS, SHORTEST, LONGEST = 24, 3, 90
REFUSAL, SILENCE = (1.6, 18.4), (0.8, 19.2)  # beta: means 0.08 and 0.04
ACCEPTS, REFUSES, IS_SILENT = "accepts", "refuses", "is silent"


@dataclass(frozen=True, slots=True)
class Size:
    days: int = 180
    cases: int = 1500
    partners: int = 40


PUBLISHED = Size()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case as it is known on arrival."""

    number: int
    hour: int
    category: str
    region: str
    language: str
    urgency: int

    @property
    def day(self) -> int:
        return self.hour // HOURS

    @property
    def last_day(self) -> int:
        """On which a placement is still worth something."""
        return self.day + HELPS_WITHIN[self.urgency] - 1


@dataclass(frozen=True, slots=True)
class Helper:
    """A partner as it declares itself. No regions: the whole country."""

    number: int
    regions: frozenset[str]
    is_remote: bool
    categories: frozenset[str]
    specialised: frozenset[str]
    languages: frozenset[str]
    interpreted: frozenset[str]
    capacity: int = 0

    def fits(self, case: Arrival) -> bool:
        return (
            case.category in self.categories
            and (not self.regions or case.region in self.regions)
            and (case.language in self.languages or case.language in self.interpreted)
        )


@dataclass(frozen=True, slots=True)
class Hidden:
    """What no policy may read: only the play and the bound do."""

    days: tuple[int, ...]  # of work, by case
    answers: tuple[dict[int, str], ...]  # by case: of each partner that it fits


@dataclass(frozen=True)
class World:
    seed: int
    load: float
    size: Size
    cases: tuple[Arrival, ...]  # by hour
    partners: tuple[Helper, ...]
    hidden: Hidden

    @cached_property
    def fitting(self) -> tuple[tuple[int, ...], ...]:
        """By case: the numbers of the partners that it fits, whatever they answer."""
        return tuple(tuple(one.number for one in self.partners if one.fits(case)) for case in self.cases)


def make_world(seed: int, load: float, size: Size = PUBLISHED) -> World:
    cases = _cases(random.Random(f"korpu routing world, cases, {seed}"), size)
    small = _partners(random.Random(f"korpu routing world, partners, {seed}"), size)
    partners = _with_capacity(random.Random(f"korpu routing world, capacity, {seed}"), cases, small, load, size)
    hidden = _hidden(random.Random(f"korpu routing world, hidden, {seed}"), cases, partners)
    return World(seed, load, size, cases, partners, hidden)


def fit(case: Arrival, partner: Helper) -> float:
    near = 0.3 if partner.is_remote else 1.0 if partner.regions else 0.7
    spoken = 1.0 if case.language in partner.languages else 0.3
    return 0.40 + 0.25 * (case.category in partner.specialised) + 0.20 * near + 0.15 * spoken


def value(case: Arrival, partner: Helper, day: int) -> float:
    """Of placing the case with the partner on this day."""
    timeliness = 1 - (day - case.day) / HELPS_WITHIN[case.urgency]
    return WORTH[case.urgency] * fit(case, partner) * max(0.0, timeliness)


# --- how it is drawn --------------------------------------------------------------------------------------------------
def _cases(chance: random.Random, size: Size) -> tuple[Arrival, ...]:
    last = size.days * HOURS - 1
    wanted = round(size.cases * IN_INCIDENTS)
    drawn: list[Arrival] = []
    while len(drawn) < wanted:
        first = _case(chance, chance.randint(0, last))
        number = min(chance.randint(*INCIDENT), wanted - len(drawn))
        hours = [min(last, first.hour + chance.randrange(INCIDENT_HOURS)) for _ in range(number)]
        drawn += [_of_incident(chance, first, hour) for hour in hours]
    drawn += [_case(chance, chance.randint(0, last)) for _ in range(size.cases - wanted)]
    drawn.sort(key=lambda case: case.hour)
    return tuple(replace(case, number=number) for number, case in enumerate(drawn))


def _case(chance: random.Random, hour: int) -> Arrival:
    category = _one_of(chance, {code: share for code, (share, _urgency) in SHARES.items()})
    region, language = _one_of(chance, REGIONS), _one_of(chance, LANGUAGES)
    return Arrival(0, hour, category, region, language, _urgency(chance, category))


def _of_incident(chance: random.Random, first: Arrival, hour: int) -> Arrival:
    language = first.language if chance.random() < SAME_LANGUAGE else _one_of(chance, LANGUAGES)
    return replace(first, hour=hour, language=language, urgency=_urgency(chance, first.category))


def _urgency(chance: random.Random, category: str) -> int:
    drawn = chance.random()
    step = -1 if drawn < MORE_URGENT else 0 if drawn < MORE_URGENT + AS_USUAL else 1
    return min(4, max(1, SHARES[category][1] + step))


def _one_of(chance: random.Random, shares: dict[str, int]) -> str:
    return chance.choices(list(shares), weights=list(shares.values()))[0]


def _partners(chance: random.Random, size: Size) -> tuple[Helper, ...]:
    return tuple(_partner(chance, number) for number in range(size.partners))


def _partner(chance: random.Random, number: int) -> Helper:
    reach = chance.random()
    regions = _several(chance, REGIONS, chance.randint(2, 5) if reach < 0.5 else chance.randint(6, 12))
    wanted = {code: round(share**0.5 * 100) for code, (share, _urgency) in SHARES.items()}
    categories = _several(chance, wanted, chance.randint(2, 6))
    languages = [code for code, share in SPOKEN.items() if chance.random() < share] or ["ru"]
    others = [code for code in LANGUAGES if code not in languages]
    interpreter = chance.random() < 0.5 and bool(others)
    return Helper(
        number,
        regions=frozenset(regions) if reach < 0.8 else frozenset(),
        is_remote=reach >= 0.9,
        categories=frozenset(categories),
        specialised=frozenset(chance.sample(categories, chance.randint(1, 2))),
        languages=frozenset(languages),
        interpreted=frozenset([chance.choice(others)] if interpreter else []),
    )


def _several(chance: random.Random, shares: dict[str, int], number: int) -> list[str]:
    left, found = dict(shares), []
    for _ in range(number):
        found.append(_one_of(chance, left))
        del left[found[-1]]
    return found


def _with_capacity(
    chance: random.Random, cases: tuple[Arrival, ...], partners: tuple[Helper, ...], load: float, size: Size
) -> tuple[Helper, ...]:
    """Whole places, by the largest remainders, so that their number is exactly what `load` says."""
    need, with_any = [0.1] * len(partners), 0
    for case in cases:
        fitting = [one.number for one in partners if one.fits(case)]
        with_any += bool(fitting)
        for number in fitting:
            need[number] += 1 / len(fitting)
    sizes = [share**0.5 * chance.lognormvariate(0, CAPACITY_ERROR) for share in need]
    places = max(len(partners), round(with_any * MEAN_DAYS / size.days / load))
    spare = places - len(partners)  # beyond one each
    exact = [spare * one / sum(sizes) for one in sizes]
    capacity = [1 + int(one) for one in exact]
    rest = sorted(range(len(partners)), key=lambda number: (int(exact[number]) - exact[number], number))
    for number in rest[: places - sum(capacity)]:
        capacity[number] += 1
    return tuple(replace(one, capacity=capacity[one.number]) for one in partners)


def _hidden(chance: random.Random, cases: tuple[Arrival, ...], partners: tuple[Helper, ...]) -> Hidden:
    habits = [(chance.betavariate(*REFUSAL), chance.betavariate(*SILENCE)) for _ in partners]
    days, answers = [], []
    for case in cases:
        drawn = chance.lognormvariate(3.0, 0.6)  # mean 24.0 before it is cut
        days.append(min(LONGEST, max(SHORTEST, round(drawn))))
        # A number is drawn for every partner, so that one partner more or less changes nobody else's answers.
        draws = [chance.random() for _ in partners]
        answers.append(
            {one.number: _answer(draws[one.number], habits[one.number]) for one in partners if one.fits(case)}
        )
    return Hidden(tuple(days), tuple(answers))


def _answer(drawn: float, habit: tuple[float, float]) -> str:
    refusal, silence = habit
    return REFUSES if drawn < refusal else IS_SILENT if drawn < refusal + silence else ACCEPTS
