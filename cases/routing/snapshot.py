"""What routing knows when it decides: the case and the partners as they stand at one moment. Pure; holds no row."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cases.deadlines import WorkingCalendar
from cases.queries.agreements import AgreementTerms
from cases.routing.names import Words
from intake.queries import ConsentInForce
from intake.vocabulary import AgeBand

UNDER_18 = frozenset({AgeBand.UNDER_14, AgeBand.FROM_14})


@dataclass(frozen=True, slots=True)
class PastReferral:
    partner_id: UUID
    round: int
    reason: str  # why it was declined or returned; else empty


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case. The names that the reporter gave live here only as word skeletons, in memory, and are never printed."""

    side: str
    category: str
    subcode: str
    urgency: int
    country: str
    region: str | None
    language: str
    age_band: str  # empty: not known
    child: str  # yes | no | unknown | empty
    consent: ConsentInForce
    answer_due_by: datetime  # by when a partner must be open to be asked in an ordinary case (U3–U4)
    waiting_since: datetime | None = None  # for a partner; None: the urgent reserve holds nothing back
    round: int = 1
    gender: str | None = None
    subject_unaware: bool = False  # the person concerned does not know of the report
    is_withdrawn: bool = False  # or erased
    past: tuple[PastReferral, ...] = ()
    excluded_bodies: frozenset[UUID] = frozenset()
    excluded_names: tuple[Words, ...] = field(default=(), repr=False)
    actor_names: tuple[Words, ...] = field(default=(), repr=False)
    vital_partners: frozenset[UUID] = frozenset()  # may have it without consent: vital interest, two people, a reason

    @property
    def allows_offers(self) -> bool:
        """Whether the case may be offered to anybody at all."""
        return not self.is_withdrawn and (self._is_consented or bool(self.vital_partners))

    def allows_offer_to(self, partner_id: UUID, body_id: UUID) -> bool:
        if self.is_withdrawn:
            return False
        return partner_id in self.vital_partners or (self._is_consented and self.consent.allows_offer_to(body_id))

    @property
    def _is_consented(self) -> bool:
        """By the person, and with the knowledge of the person concerned."""
        return self.consent.allows_offer and not self.subject_unaware

    @property
    def involves_child(self) -> bool:
        return self.child == "yes" or self.age_band in UNDER_18


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What the partner offers for the category of the case. Empty sets: no limit."""

    subcodes: frozenset[str] = frozenset()
    age_bands: frozenset[str] = frozenset()
    genders: frozenset[str] = frozenset()
    child_safeguarding: bool = False
    is_specialised: bool = False


@dataclass(frozen=True, slots=True)
class AreaFacts:
    country: str
    region: str | None  # None: the whole country
    is_remote: bool = False

    def covers(self, country: str, region: str | None) -> bool:
        """A person whose region is not known is covered by a whole country only."""
        return self.country == country and (self.region is None or self.region == region)


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    id: UUID
    body_id: UUID
    side: str
    is_active: bool
    paused_until: date | None  # last day of the pause, in the zone of `calendar`
    calendar: WorkingCalendar
    opens_at: datetime | None  # now while somebody works there, else the next opening; None: never
    service: ServiceFacts | None
    areas: tuple[AreaFacts, ...]
    languages: frozenset[str]
    interpreter_languages: frozenset[str]
    capacity: int
    load: int
    agreements: tuple[AgreementTerms, ...]  # its own, in force now
    memorandum: AgreementTerms | None  # between the two bodies, in force now
    names: tuple[Words, ...] = ()  # its own, in each language
    related_names: tuple[Words, ...] = ()  # bodies it has declared to be close to


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """The partner's newest answers: how many offers ended in an answer or in silence, and how many it accepted."""

    accepted: int = 0
    asked: int = 0
