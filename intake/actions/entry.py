"""What a door hands over when somebody reports. Shapes only; check_entry.py says what is acceptable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from intake.references import new_receipt_code, new_reference


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContactEntry:
    """How a person can be reached. Hours are "HH:MM" in `timezone` (empty: the region's, else the country's)."""

    method: str = ""
    value: str = ""
    days: tuple[int, ...] = ()  # 0 = Monday; empty = every day
    hours_from: str = ""
    hours_until: str = ""
    timezone: str = ""
    device_shared: str = ""
    may_leave_message: bool = False
    cover_name: str = ""
    safe_word: str = ""
    never_contact: bool = False
    notify: bool = False
    valid_until: date | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """The answers as given. An empty answer is no answer and writes no row: "ask me first", nothing disclosed."""

    share: str = ""  # any | ask_first | none
    cross_border: str = ""  # yes | no
    groups: frozenset[str] = frozenset()
    text_version: int = 0
    how: str = "form"  # form | mailbox | verbal | api
    language: str = ""  # in which it was asked; empty: the report's
    read_by_ref: UUID | None = None  # verbal: who read the text aloud
    given_at: datetime | None = None  # verbal: when it was read; None: when the report arrives


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReportEntry:
    """A report before it is checked. Printing it shows nothing of the person.

    `submission_key` (empty: none) makes a repeat the same report; it counts within its channel and `source_ref`.
    `code` is the receipt code that the reporter was already shown; without it one is made.
    """

    channel: str
    language: str
    country: str
    category: str
    source_ref: UUID | None = None
    region: str | None = None
    citizenship: str = ""
    subcode: str = ""
    about: str = "me"
    subject_unaware: bool = False
    age_band: str = ""
    handler: str = ""
    actor_kind: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    story: str = ""
    identity: Mapping[str, str] | None = None  # name, birth_date, gender
    family: str = ""
    actor_name: str = ""
    must_not_see: tuple[UUID, ...] = ()
    must_not_see_text: str = ""
    contact: ContactEntry | None = None
    consent: ConsentEntry = ConsentEntry()
    subject_contact: ContactEntry | None = None  # of the person concerned, where somebody else writes
    subject_consent: ConsentEntry | None = None  # what that person said; None: was not asked
    submission_key: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ReportNames:
    """By what a report is called: its reference by everybody, its receipt code by the person alone."""

    reference: str
    code: str

    @classmethod
    def new(cls) -> "ReportNames":
        return cls(new_reference(), new_receipt_code())


@dataclass(frozen=True, slots=True)
class Submitted:
    """`code` is None when this was a repeat and the code is no longer known to us."""

    report_id: UUID
    reference: str
    code: str | None
    is_repeat: bool = False

    def __repr__(self) -> str:
        return f"<Submitted {self.reference}>"
