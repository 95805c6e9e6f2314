"""The whole way, once each way, with separate processes: report → case → routing → referral → API → notification."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from standardwebhooks import Webhook

from .browser import Person, chromium_at
from .caseworker import Caseworker
from .partner import Partner
from .system import System, wait_for, whole_system

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("journey")]

STORY_AZ = "Qardaşımı dünən metroda saxlayıblar, hara apardıqlarını demirlər. Vəkil buraxmırlar."
IN_RUSSIA = {
    "country": "RU",
    "region": "RU-MOW",
    "about": "other",
    "subject_unaware": False,
    "held": "yes",
    "held_where": "police",
    "held_contact": "no",
    "harm": "unknown",
    "category": "DET",
    "subcode": "POLICE",
    "child": "no",
    "story": STORY_AZ,
    "language": "az",
    "citizenship": "AZ",
    "identity_name": "Elnur Nümunəli",
    "share": "any",
    "cross_border": "yes",
    "groups": ["identity", "story"],
}
STORY_RU = "Дочку не берут в школу в Баку, говорят нет мест для русского сектора. Учебный год уже идёт."
IN_AZERBAIJAN = {
    "country": "AZ",
    "region": "AZ-BA",
    "about": "me",
    "held": "no",
    "harm": "no",
    "category": "EDU",
    "subcode": "ADMISSION",
    "child": "no",
    "story": STORY_RU,
    "language": "ru",
    "citizenship": "RU",
    "identity_name": "Ольга Примерова",
    "share": "any",
    "cross_border": "no",
    "groups": ["story"],
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[System]:
    """SQLite and files; with DATABASE_URL and REDIS_URL a database of its own there."""
    server = os.environ.get("DATABASE_URL", "")
    var = tmp_path_factory.mktemp("system")
    if not server:
        shutil.copy(migrated, var)
        with whole_system(var) as running:
            yield running
        return
    name = f"korpu_journey_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as database:
        database.execute(f'CREATE DATABASE "{name}"')
    try:
        redis = os.environ.get("REDIS_URL", "")
        with whole_system(var, database_url=f"{server.rpartition('/')[0]}/{name}", redis_url=redis) as running:
            yield running
    finally:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def real_network(socket_enabled: None) -> None:
    """Loopback only, to the system's own processes."""


def offered_to(system: System, reference: str) -> list[str]:
    code = f"""
from cases.models import Referral
rows = Referral.objects.filter(case__reference={reference!r}, state="offered")
print(json.dumps([row.partner.slug for row in rows.select_related("partner")]))"""
    return list(system.python(code))


def helpers(system: System, category: str, country: str) -> list[str]:
    code = f"""
from cases.models import PartnerOrganisation
rows = PartnerOrganisation.objects.filter(services__category={category!r}, areas__country={country!r})
print(json.dumps(sorted(set(rows.values_list("slug", flat=True)))))"""
    return list(system.python(code))


def reference_on(text: str) -> str:
    match = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]", text)
    assert match, text
    return match[0]


def personal_words(answers: dict[str, Any]) -> list[str]:
    return [answers["identity_name"], answers["story"][:20], answers["identity_name"].split()[0]]


def assert_nothing_personal(content: Any, answers: dict[str, Any]) -> None:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    assert not [word for word in personal_words(answers) if word in text]


def subscribe(system: System, partner: Partner) -> str:
    """The partner registers its receiver and keeps the secret that it is shown once."""
    status, endpoint = partner.post("/webhooks/", {"url": f"http://127.0.0.1:{system.hook.port}/{partner.slug}"})
    assert status == 201, endpoint
    return str(endpoint["secret"])


def webhook_about(system: System, referral: str, secret: str) -> dict[str, Any]:
    """The first webhook about this referral, its signature checked by the reference library."""

    def found() -> tuple[dict[str, str], bytes] | None:
        return next((one for one in system.hook.received if referral.encode() in one[1]), None)

    headers, body = wait_for(found, why="no webhook came")
    return dict(Webhook(secret).verify(body, headers))


def file_report(system: System, chromium: str, language: str, answers: dict[str, Any]) -> tuple[str, str]:
    """The code and the reference of a report that somebody filed on a phone without scripts."""
    with chromium_at(chromium) as page:
        person = Person(page, system.base, language=language)
        code = person.report(answers)
        return code, reference_on(page.locator("main").inner_text())


def answer_as_partner(system: System, partner: Partner, reference: str, secret: str, answers: dict[str, Any]) -> None:
    """Sees the offer (nothing personal), accepts, reads the consented data."""
    offers = [one for one in partner.get("/referrals/", state="offered")["results"] if one["reference"] == reference]
    assert len(offers) == 1
    offer = partner.get(f"/referrals/{offers[0]['id']}/")
    assert_nothing_personal(offer, answers)
    assert_nothing_personal(offers, answers)
    status, case = partner.post(f"/referrals/{offer['id']}/accept/")
    assert status == 200, case
    case = partner.get(f"/cases/{reference}/")
    assert answers["story"] in json.dumps(case, ensure_ascii=False)
    hook = webhook_about(system, offer["id"], secret)
    assert_nothing_personal(hook, answers)
    states = [change["state"] for change in changes_of(partner, reference)]
    assert (states[0], states[-1]) == ("offered", "accepted")


def changes_of(partner: Partner, reference: str) -> list[dict[str, Any]]:
    every = [change["data"] for change in partner.get("/changes/")["results"]]
    return [change for change in every if change["reference"] == reference]


def mails_are_clean(system: System, answers: dict[str, Any]) -> None:
    for _recipients, mail in system.post.messages:
        assert_nothing_personal(mail.as_string(), answers)
        assert_nothing_personal(
            "".join(str(part.get_content()) for part in mail.walk() if not part.is_multipart()), answers
        )


def test_an_azerbaijani_in_russia(system: System, chromium: str) -> None:
    """Urgent: routed at once, to two partners; the first to accept has the case."""
    secrets = {slug: subscribe(system, Partner(system.base, slug)) for slug in helpers(system, "DET", "RU")}
    code, reference = file_report(system, chromium, "az", IN_RUSSIA)
    offered = wait_for(lambda: offered_to(system, reference), why="the case was not offered")
    assert len(offered) == 2
    slug = offered[0]
    wait_for(lambda: system.post.to(f"{slug}@example.org"), why="no mail about the offer")
    answer_as_partner(system, Partner(system.base, slug), reference, secrets[slug], IN_RUSSIA)
    other = Partner(system.base, next(one for one in offered if one != slug))
    wait_for(lambda: _tombstone(other, reference), why="the other partner was not told")
    with chromium_at(chromium) as page:
        text = Person(page, system.base, language="az").read_page(code)
    assert "Bir təşkilat sizə kömək etməyə razılaşıb." in text
    assert wait_for(lambda: _alert(system), why="nobody was alerted")
    mails_are_clean(system, IN_RUSSIA)


def test_a_russian_in_azerbaijan(system: System, chromium: str) -> None:
    """Ordinary: a caseworker confirms triage and offers the case to the first of three proposals."""
    code, reference = file_report(system, chromium, "ru", IN_AZERBAIJAN)
    with chromium_at(chromium, width=1280, height=900) as page:
        worker = Caseworker(page, system.base, "Ольга Пробная")
        worker.confirm_triage(reference)
        worker.offer_first_proposal(reference)
    (slug,) = wait_for(lambda: offered_to(system, reference), why="the case was not offered")
    partner = Partner(system.base, slug)
    offer = next(one for one in partner.get("/referrals/")["results"] if one["reference"] == reference)
    assert_nothing_personal(partner.get(f"/referrals/{offer['id']}/"), IN_AZERBAIJAN)
    status, _body = partner.post(f"/referrals/{offer['id']}/accept/")
    assert status == 200
    case = json.dumps(partner.get(f"/cases/{reference}/"), ensure_ascii=False)
    assert STORY_RU in case
    assert IN_AZERBAIJAN["identity_name"] not in case  # consent was given for the story only
    with chromium_at(chromium) as page:
        text = Person(page, system.base, language="ru").read_page(code)
    assert "Организация согласилась вам помочь." in text
    wait_for(lambda: system.post.to(f"{slug}@example.org"), why="no mail about the offer")
    mails_are_clean(system, IN_AZERBAIJAN)


def _tombstone(partner: Partner, reference: str) -> bool:
    return any(change["is_tombstone"] for change in changes_of(partner, reference))


def _alert(system: System) -> bool:
    return any(
        "duty" in address or "demo.caseworker" in address for to, _mail in system.post.messages for address in to
    )


def test_the_logs_hold_nothing_personal(system: System) -> None:
    for log in Path(system.environment["KORPU_VAR"]).glob("*.log"):
        for answers in (IN_RUSSIA, IN_AZERBAIJAN):
            assert_nothing_personal(log.read_text(errors="replace"), answers)
