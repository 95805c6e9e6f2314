"""What intake stores. Foreign keys point only inside intake."""

from .access import AccessRecord
from .body import Body
from .consent import Consent, ConsentRequest
from .contact import SafeContact
from .draft import Draft
from .event import IntakeEvent
from .keys import ReportKey
from .mailbox import PublicStatus
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

__all__ = [
    "AccessRecord",
    "Body",
    "Consent",
    "ConsentRequest",
    "ConsentText",
    "Country",
    "Direction",
    "Draft",
    "EmergencyNumber",
    "IntakeEvent",
    "Language",
    "ProblemCategory",
    "ProblemSubcode",
    "PublicStatus",
    "QuestionSet",
    "Region",
    "Report",
    "ReportKey",
    "SafeContact",
]
