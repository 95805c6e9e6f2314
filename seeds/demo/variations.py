"""Makes the further demo reports out of seeds/data/demo/variations.json: the same ones for the same seed."""

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .source import read

Row = dict[str, Any]


def varied_reports() -> Iterator[Row]:
    """Rows of the form of demo/reports.json, as many as the file asks for, no two stories alike."""
    plan = read("variations")
    rng = random.Random(plan["seed"])
    contacts = {country: iter(numbers) for country, numbers in plan["phones"].items()}
    told: set[str] = set()
    made = 0
    while made < plan["count"]:
        template = _template(plan, rng)
        place = _place(plan, rng, template["country"])
        story = _story(plan, rng, template, place)
        if story in told:
            continue
        told.add(story)
        made += 1
        yield _row(plan, rng, template, place=place, story=story, contacts=contacts, number=made)


def _weighted(rng: random.Random, weights: Mapping[str, float]) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _template(plan: Row, rng: random.Random) -> Row:
    """By category, country and language; where no template fits, draws again."""
    while True:
        country = _weighted(rng, plan["weights"]["country"])
        language = _weighted(rng, plan["weights"]["language"][country])
        category = _weighted(rng, plan["weights"]["category"])
        fitting = [
            template
            for template in plan["templates"]
            if (template["country"], template["language"], template["category"]) == (country, language, category)
        ]
        if fitting:
            return dict(rng.choice(fitting))


def _place(plan: Row, rng: random.Random, country: str) -> Row:
    places = [place for place in plan["places"] if place["country"] == country]
    return dict(rng.choices(places, weights=[place["weight"] for place in places])[0])


def _story(plan: Row, rng: random.Random, template: Row, place: Row) -> str:
    language = template["language"]
    slots = plan["slots"][language]
    filled = {name: rng.choice(values) for name, values in slots.items()}
    filled["amount"] = rng.choice(plan["amounts"][template["country"]][language])
    filled["place"] = place[language]
    sentences = [_fill(rng.choice(alternatives), filled) for alternatives in template["sentences"]]
    parts = [rng.choice(plan["openings"][language]), *sentences, rng.choice(plan["closings"][language])]
    story = " ".join(part for part in parts if part)
    plain = plan["plain_keyboard"]
    if language == plain["language"] and rng.random() < plain["share"]:
        story = story.translate(str.maketrans(plain["letters"]))
    return story


def _fill(sentence: str, filled: Row) -> str:
    def value(match: re.Match[str]) -> str:
        word = filled[match[1]]
        return str(word[match[2]] if match[2] else word)

    text = re.sub(r"\{(\w+)(?:\[(\w+)\])?\}", value, sentence)
    first = text[:1]
    return ("İ" if first == "i" and "ə" in text else first.upper()) + text[1:]


def _row(
    plan: Row, rng: random.Random, template: Row, *, place: Row, story: str, contacts: Mapping[str, Any], number: int
) -> Row:
    country, language, weights = template["country"], template["language"], plan["weights"]
    citizenship = "AZ" if country == "RU" else "RU"
    age_band = rng.choice(template["age_bands"]) if template["age_bands"] else _weighted(rng, weights["age_band"])
    gender = template["gender"] or _weighted(rng, weights["gender"])
    groups = rng.choice(plan["groups"])
    return {
        "language": language,
        "country": country,
        "region": place["region"],
        "citizenship": citizenship,
        "category": template["category"],
        "subcode": template["subcode"],
        "about": template["about"],
        "subject_unaware": False,
        "age_band": age_band,
        "gender": gender,
        "answers": template["answers"],
        "story": story,
        "contact": _contact(plan, rng, contacts[country], number),
        "identity": {"name": _name(plan, rng, citizenship, gender)} if "identity" in groups else None,
        "consent": {
            "share": _weighted(rng, weights["share"]),
            "cross_border": _weighted(rng, weights["cross_border"]),
            "groups": groups,
        },
        "handler": _weighted(rng, weights["handler"]),
        "channel": _weighted(rng, weights["channel"]),
        "days_ago": None,  # by urgency, once it is computed
        "must_not_see": [],
        "alleged_actor": {"kind": template["actor_kind"], "name": ""} if template.get("actor_kind") else None,
    }


def _name(plan: Row, rng: random.Random, citizenship: str, gender: str) -> str:
    names = plan["names"][citizenship]
    kind = gender or rng.choice(["female", "male"])
    family = names["family"][kind] if isinstance(names["family"], dict) else names["family"]
    return f"{rng.choice(names[kind])} {rng.choice(family)}"


def _contact(plan: Row, rng: random.Random, phones: Iterator[str], number: int) -> Row | None:
    method = _weighted(rng, plan["weights"]["contact"])
    if method == "none":
        return None
    return {
        "method": method,
        "value": plan["emails"].format(n=number) if method == "email" else next(phones),
        **rng.choice(plan["safe_times"]),
        "device_shared": rng.choice(["yes", "no", "no", ""]),
        "may_leave_message": rng.random() < 0.2,
        "cover_name": "",
        "safe_word": "",
        "never_contact": False,
        "notify": method == "email",
    }
