"""What cases stores. Foreign keys point to intake and inside cases, never to workers."""

from .agreement import Agreement, AgreementVersion
from .assignment import Assignment
from .case import Case
from .decision import RoutingDecision
from .duty import DutyAlert, DutyShift
from .feed import FeedHead, PartnerChange
from .idempotency import IdempotencyKey
from .note import Note
from .outbox import Delivery, OutboxMessage
from .partner import PartnerClient, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from .recusal import Recusal
from .reference import ClockSetting, Holiday, PriceList, RoutingPolicy, RoutingSetting, UrgencyRule, WorkingHours
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
    "Delivery",
    "DutyAlert",
    "DutyShift",
    "FeedHead",
    "Holiday",
    "IdempotencyKey",
    "Note",
    "OutboxMessage",
    "PartnerChange",
    "PartnerClient",
    "PartnerLanguage",
    "PartnerOrganisation",
    "PriceList",
    "Recusal",
    "Referral",
    "RoutingDecision",
    "RoutingPolicy",
    "RoutingSetting",
    "Service",
    "ServiceArea",
    "TimelineEvent",
    "UrgencyRule",
    "User",
    "VitalInterest",
    "WebhookEndpoint",
    "WorkingHours",
]
