"""Reads all partners at one moment, in eight statements however many they are. Takes no lock and writes nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases.queries import partner_rows as rows
from cases.queries import partners as stored
from cases.queries.agreements import AgreementsInForce, agreements_in_force
from cases.routing import names
from cases.routing.situation import Hours, hours_of
from cases.routing.snapshot import AnswerRecord, AreaFacts, PartnerFacts, ServiceFacts
from cases.routing.world import Known, World


@dataclass(frozen=True, slots=True)
class _Around:
    services: dict[UUID, list[rows.ServiceRow]]
    areas: dict[UUID, list[rows.AreaRow]]
    languages: dict[UUID, list[rows.LanguageRow]]
    loads: dict[UUID, int]
    agreements: AgreementsInForce


def known_world(now: datetime, *, with_records: bool = True) -> World:
    """`with_records`: also how partners have answered, which only the order among them needs."""
    partners = rows.every_partner()
    ids = [row.id for row in partners]
    around = _Around(
        services=rows.services_by_partner(),
        areas=rows.areas_by_partner(),
        languages=rows.languages_by_partner(),
        loads=stored.loads(ids),
        agreements=agreements_in_force(ids, now),
    )
    hours: dict[object, Hours] = {}
    answers = stored.answer_records(ids) if with_records else {}
    return World(
        partners=tuple(_known(row, around, hours_of(row, hours, now)) for row in partners),
        records={pk: AnswerRecord(*one) for pk, one in answers.items()},
        agreements=rows.agreements_of_versions() if with_records else {},
    )


def _known(row: rows.PartnerRow, around: _Around, hours: Hours) -> Known:
    facts = PartnerFacts(
        id=row.id,
        body_id=row.body_id,
        side=row.side,
        is_active=row.is_active,
        paused_until=row.paused_until,
        calendar=hours.calendar,
        opens_at=hours.opens_at,
        service=None,
        areas=tuple(AreaFacts(one.country, one.region, one.is_remote) for one in around.areas.get(row.id, ())),
        languages=_languages(row.id, around, by_interpreter=False),
        interpreter_languages=_languages(row.id, around, by_interpreter=True),
        capacity=row.capacity,
        load=around.loads.get(row.id, 0),
        agreements=around.agreements.by_partner.get(row.id, ()),
        memorandum=around.agreements.memorandum,
        names=tuple(names.declared(label) for label in row.labels.values() if label),
        related_names=tuple(names.declared(name) for name in row.related_bodies if name),
    )
    return Known(row.slug, facts, {one.category: _service(one) for one in around.services.get(row.id, ())})


def _languages(partner_id: UUID, around: _Around, *, by_interpreter: bool) -> frozenset[str]:
    spoken = around.languages.get(partner_id, ())
    return frozenset(one.language for one in spoken if one.by_interpreter == by_interpreter)


def _service(row: rows.ServiceRow) -> ServiceFacts:
    return ServiceFacts(
        subcodes=frozenset(row.subcodes),
        age_bands=frozenset(row.age_bands),
        genders=frozenset(row.genders),
        child_safeguarding=row.child_safeguarding,
        is_specialised=row.is_specialised,
    )
