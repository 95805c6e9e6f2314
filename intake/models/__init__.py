"""What intake stores. Foreign keys point only inside intake."""

from .access import AccessRecord
from .attachment import Attachment
from .body import Body
from .consent import Consent, ConsentRequest
from .contact import SafeContact
from .draft import Draft
from .event import IntakeEvent
from .guess_alarm import GuessAlarm
from .keys import BlindIndex, ReportKey
from .mailbox import Complaint, Correction, Message, PartnerErasure, PublicStatus
from .reference_data import (
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
)
from .report import Report
from .retention import LegalHold, RetentionRule

__all__ = [
    "AccessRecord",
    "Attachment",
    "BlindIndex",
    "Body",
    "Complaint",
    "Consent",
    "ConsentRequest",
    "ConsentText",
    "Correction",
    "Country",
    "Direction",
    "Draft",
    "EmergencyNumber",
    "GuessAlarm",
    "IntakeEvent",
    "Language",
    "LegalHold",
    "Message",
    "PartnerErasure",
    "ProblemCategory",
    "ProblemSubcode",
    "PublicStatus",
    "QuestionSet",
    "Region",
    "Report",
    "ReportKey",
    "RetentionRule",
    "SafeContact",
]
