"""What cases stores. Foreign keys point to intake and inside cases, never to workers."""

from .agreement import Agreement, AgreementVersion
from .assignment import Assignment
from .case import Case
from .closing import ClosingProposal
from .contact_attempt import ContactAttempt
from .decision import RoutingDecision
from .duty import DutyAlert, DutyShift
from .feed import FeedHead, PartnerChange
from .follow_up import FollowUp
from .idempotency import IdempotencyKey
from .life_rules import ClosingPolicy, LostContactRule, ReviewClock
from .note import Note
from .outbox import Delivery, OutboxMessage
from .partner import PartnerClient, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from .recusal import Recusal
from .reference import ClockSetting, Holiday, RoutingPolicy, UrgencyRule, WorkingHours
from .referral import Referral
from .timeline import TimelineEvent
from .user import User
from .vital_interest import VitalInterest
from .webhook import WebhookEndpoint

__all__ = [
    "Agreement",
    "AgreementVersion",
    "Assignment",
    "Case",
    "ClockSetting",
    "ClosingPolicy",
    "ClosingProposal",
    "ContactAttempt",
    "Delivery",
    "DutyAlert",
    "DutyShift",
    "FeedHead",
    "FollowUp",
    "Holiday",
    "IdempotencyKey",
    "LostContactRule",
    "Note",
    "OutboxMessage",
    "PartnerChange",
    "PartnerClient",
    "PartnerLanguage",
    "PartnerOrganisation",
    "Recusal",
    "Referral",
    "ReviewClock",
    "RoutingDecision",
    "RoutingPolicy",
    "Service",
    "ServiceArea",
    "TimelineEvent",
    "UrgencyRule",
    "User",
    "VitalInterest",
    "WebhookEndpoint",
    "WorkingHours",
]
