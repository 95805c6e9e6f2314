"""Makes a mould out of a life that was just played: finds its rows and puts gaps where cases differ."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from cases.actions.record import chain_text
from cases.models import Case, CaseDate, OutboxMessage, PartnerChange, Referral, TimelineEvent
from intake.actions.index_person import digest_of
from intake.encryption import CannotDecrypt, DataKey, EncryptedField, SealedModel
from intake.matching import normal_email, normal_name, normal_phone
from intake.models import BlindIndex, Language, PartnerErasure, ProblemCategory, Region, Report, ReportKey

from .acts import Life
from .freedom import clocks_of, kinds_of, regions_of, slack_of
from .mould import Blob, Block, Cell, Changes, Clock, Constant, Link, Mould, Reporter, Sealing
from .network import SPOKEN
from .rows import rows_of
from .slots import Filler, Pieces, Slots, compact
from .stage import Stage
from .writing import Writer

_MARKS = ("name", "contact", "story", "message")


class Recorder:
    """Of one life. Whatever it meets that would be the same in two cases, and may not be, it refuses."""

    def __init__(self, stage: Stage, life: Life) -> None:
        self.stage, self.life = stage, life
        self.slots = Slots()
        self.rows = rows_of(stage.reports)
        self.case: Case = next(row for row in self._of(Case) if row.report_id == stage.reports[0])
        self.keys: dict[int, DataKey] = {stage.reports.index(row.report_id): row.open() for row in self._of(ReportKey)}
        self.seals: list[Sealing] = []
        self.randoms: list[tuple[int, int]] = []
        self.derived: dict[tuple[int, str], int] = {}
        self.writer = Writer(connection, self._derive)
        self.made: dict[UUID, tuple[datetime, int]] = {}  # when, and in which place among the ids of this life
        self._know()

    def mould(self) -> Mould:
        chain = self._chain()
        blocks = [self._block(table, rows) for table, rows in self.rows.items() if table is not PartnerChange]
        changes = self._changes()
        reporters = [self._reporter(number) for number in range(len(self.stage.reports))]
        slots, case = self.slots, self.case
        moments = slots.of_kind("moment")
        found_ids = [(number, *self._born(pk)) for pk, number in slots.of_kind("id").items()]
        return Mould(
            name=self.life.name,
            side=case.side,
            country=case.country_id,
            weight=self.life.weight,
            begins=self.stage.start,
            slack=min(self.life.slack, slack_of(self.stage, self._of(Referral), self._of(PartnerErasure))),
            by_days=CaseDate in self.rows,
            size=len(slots.numbers),
            cases=len(self.stage.reports),
            moments=[(number, at.replace(tzinfo=None)) for at, number in moments.items()],
            days=[(number, on) for on, number in slots.of_kind("day").items()],
            epochs=[(number, at) for at, number in slots.of_kind("epoch").items()],
            ids=found_ids,
            derived=[(number, source, how) for (source, how), number in self.derived.items()],
            partners=[(number, *gap) for gap, number in slots.of_kind("partner").items()],
            people=[(number, *gap) for gap, number in slots.of_kind("user").items()],
            randoms=self.randoms,
            words=slots.of_kind("word"),
            reporters=reporters,
            seals=self.seals,
            chain=chain,
            blocks=blocks,
            changes=changes,
            clocks=self._clocks(),
            kinds=kinds_of(case, self.stage.entries[0], self.stage.start),
            languages=SPOKEN if case.language_id in SPOKEN else (case.language_id,),
            regions=regions_of(case),
            tables=frozenset(table._meta.db_table for table in self.rows),
        )

    # --- what stands for a gap wherever it is met ---------------------------------------------------------------------
    def _know(self) -> None:
        for table, rows in self.rows.items():
            if not table._meta.pk.is_relation and table is not ReportKey:
                self.made |= {row.pk: (_born(row), 0) for row in rows if isinstance(row.pk, UUID)}
        for place, pk in enumerate(sorted(self.made)):
            self.made[pk] = (self.made[pk][0], place)
            self.slots.known[str(pk)] = self.slots("id", pk)
        self._know_network()
        for number, report in enumerate(self.stage.reports):
            reference = next(row.reference for row in self._of(Report) if row.pk == report)
            self.slots.known[reference] = self.slots("reference", number)
            for name in _MARKS:
                if mark := getattr(self.stage.marks[number], name):
                    self.slots.known[mark] = self.slots("mark", number, name)

    def _know_network(self) -> None:
        network, slots = self.stage.network, self.slots
        for side, members in network.families[0].items():
            for number, member in enumerate(members):
                ids = {name: getattr(member, name) for name in ("id", "body", "version", "endpoint")}
                slots.known |= {pk: slots("partner", side, number, name) for name, pk in ids.items() if pk}
        for side, roles in network.staff.items():
            for role, people in roles.items():
                slots.known |= {pk: slots("user", side, role, number) for number, pk in enumerate(people)}

    def _born(self, pk: UUID) -> tuple[datetime, int]:
        return self.made[pk]

    def _of(self, table: type[models.Model]) -> list[Any]:
        return list(self.rows.get(table, ()))

    def _derive(self, source: int, how: str) -> int:
        return self.derived.setdefault((source, how), self.slots("derived", source, how))

    # --- cells --------------------------------------------------------------------------------------------------------
    def _block(self, table: type[models.Model], rows: Sequence[models.Model]) -> Block:
        fields = self.writer.fields(table)
        return self.writer.block(table, [[self._cell(field, row) for field in fields] for row in rows])

    def _changes(self) -> Changes | None:
        rows = self._of(PartnerChange)
        if not rows:
            return None
        fields = [field for field in self.writer.fields(PartnerChange) if field.name != "number"]
        named = self.writer.table(PartnerChange, [*fields, PartnerChange._meta.get_field("number")])
        made = []
        for row in rows:
            block = self.writer.block(PartnerChange, [[self._cell(field, row) for field in fields]], is_open=True)
            made.append((self.slots.known[str(row.partner_id)], int(self.slots.moment(row.at)[0]), block))
        return Changes(named, made)

    def _cell(self, field: Any, row: Any) -> Cell:
        value = getattr(row, field.attname)
        if isinstance(field, models.BinaryField):
            return self._bytes(field, row, value)
        if value is None:
            return Constant(None)
        pieces = self._pieces(field, row, value)
        if pieces is None:
            return self.writer.constant(field, value)
        return self.writer.cell(field, pieces)

    def _pieces(self, field: Any, row: Any, value: Any) -> Pieces | None:
        """None: the same in every case."""
        word = self._word(field, row, value)
        if word is not None:
            return (word,)
        if isinstance(value, UUID):
            return self._known(field, value)
        if isinstance(field, models.DateTimeField):
            return self.slots.moment(value)
        if isinstance(value, date):
            return (self.slots.day(value),)
        if isinstance(field, models.JSONField):
            return self.slots.json(value, self._named(), dumps=json.dumps)
        return self.slots.text(value) if isinstance(value, str) and value else None

    def _known(self, field: Any, value: UUID) -> Pieces | None:
        number = self.slots.known.get(str(value))
        if number is None and field.is_relation and field.related_model in self.rows:
            raise ValueError(f"{field.model.__name__}.{field.name} names a row of another life")
        return None if number is None else (number,)

    def _word(self, field: Any, row: Any, value: Any) -> int | None:
        """Category, region and language, wherever a column holds that of the case."""
        case, related = self.case, field.related_model
        if related is ProblemCategory and value == case.category_id:
            return self.slots("word", "category")
        if field.name == "subcode" and value == case.subcode and value:
            return self.slots("word", "subcode")
        if related is Region and value == case.region_id:
            return self.slots("word", "region")
        is_theirs = field.name == "language" and not (
            isinstance(row, OutboxMessage) and row.audience != OutboxMessage.Audience.REPORTER
        )
        if related is Language or (is_theirs and value == case.language_id):
            return self.slots("word", "language")
        return None

    def _named(self) -> dict[str, int]:
        return {name: self.slots("word", name) for name in ("category", "subcode")}

    def _bytes(self, field: Any, row: Any, value: Any) -> Cell:
        if isinstance(field, EncryptedField):
            return Constant(None) if value is None else Blob(self._sealed(field, row))
        special = self._special(field, row, value)
        if special is not None:
            return special
        if value is None or not bytes(value):
            return self.writer.constant(field, value)
        if field.unique:
            return Blob(self._random(len(bytes(value))))
        raise ValueError(f"{field.model.__name__}.{field.name} would be the same in every generated case")

    def _special(self, field: Any, row: Any, value: Any) -> Cell | None:
        table, name = type(row), field.name
        if isinstance(row, Report) and name in {"code_hash", "submission_key"} and value is not None:
            return Blob(self.slots(name, self.stage.reports.index(row.pk)))
        if isinstance(row, ReportKey):
            return Blob(self.slots("wrapped", self.stage.reports.index(row.report_id)))
        if isinstance(row, BlindIndex):
            return Blob(self._digest(row))
        if table in (TimelineEvent, Case) and bytes(value):
            return Blob(self.slots("hash", bytes(value)))
        return None

    def _digest(self, row: BlindIndex) -> int:
        """Whose name or address it is."""
        for number, (marks, facts) in enumerate(zip(self.stage.marks, self.stage.entries, strict=True)):
            forms = {"name": normal_name(marks.name), "contact": normal_phone(marks.contact, facts.country)}
            if "@" in marks.contact:
                forms["contact"] = normal_email(marks.contact)
            for what, form in forms.items():
                if bytes(row.digest) == digest_of(row.kind, form):
                    return self.slots("digest", number, what)
        raise ValueError("a blind index of nobody on the stage")

    def _sealed(self, field: Any, row: SealedModel) -> int:
        for number, key in self.keys.items():
            try:
                plain = row.unseal(key, field.name)
            except CannotDecrypt:
                continue
            slot = self.slots("sealed", len(self.seals))
            content = self.slots.json(plain, self._named(), dumps=compact)
            label = row.sealing_label(field.name).removesuffix(str(row.pk))
            owner = self.slots.known[str(row.pk)]
            self.seals.append(Sealing(slot, label, owner, Filler.of(content), number))
            return slot
        if len(self.keys) < len(self.stage.reports):  # its key was destroyed, and nobody can read it any more
            return self._random(len(getattr(row, field.name).blob))
        raise ValueError(f"{type(row).__name__}.{field.name} is sealed under no key of this life")

    def _random(self, length: int) -> int:
        self.randoms.append((self.slots("random", len(self.randoms)), length))
        return self.randoms[-1][0]

    # --- the chain, the reporters, the clocks ------------------------------------------------------------------------
    def _chain(self) -> list[Link]:
        events = self._of(TimelineEvent)
        for event in events:
            self.slots.known[bytes(event.hash).hex()] = self.slots("hex", bytes(event.hash))
        return [self._link(event) for event in events]

    def _link(self, event: TimelineEvent) -> Link:
        gaps = json.loads(_marked(self.slots.json(event.details, self._named(), dumps=json.dumps)))
        with_gaps = TimelineEvent(
            **{field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
            | {"details": gaps}
        )
        text = self.slots.text(chain_text(with_gaps))
        digest = bytes(event.hash)
        return Link(Filler.of(text), self.slots("hash", digest), self.slots("hex", digest))

    def _reporter(self, number: int) -> Reporter:
        slots, entry = self.slots, self.stage.entries[number]
        method = entry.contact.method if entry.contact else ""
        return Reporter(
            report=slots.known[str(self.stage.reports[number])],
            reference=slots("reference", number),
            code_hash=slots("code_hash", number),
            submission=slots("submission_key", number),
            wrapped=slots("wrapped", number),
            marks={name: slots("mark", number, name) for name in _MARKS},
            digests={what: slots("digest", number, what) for what in ("name", "contact")},
            contact=method,
            has_key=number in self.keys,
        )

    def _clocks(self) -> list[Clock]:
        gaps = {number: gap for gap, number in self.slots.of_kind("partner").items()}
        members = {row.pk: gaps[self.slots.known[str(row.partner_id)]] for row in self._of(Referral)}
        return clocks_of(self._of(Case), [(row, *members[row.pk][:2]) for row in self._of(Referral)])


def _born(row: models.Model) -> datetime:
    moments = [getattr(row, f.attname) for f in row._meta.concrete_fields if isinstance(f, models.DateTimeField)]
    return min(moment for moment in moments if moment is not None).astimezone(UTC)


def _marked(pieces: Pieces) -> str:
    return "".join(f"@@{piece}@@" if isinstance(piece, int) else piece for piece in pieces)
