"""What cases stores. Foreign keys point to intake and inside cases, never to workers."""

from .agreement import Agreement, AgreementVersion
from .assignment import Assignment
from .case import Case
from .decision import RoutingDecision
from .duty import DutyAlert, DutyShift
from .feed import FeedHead, PartnerChange
from .group import CaseGroup, GroupMember, GroupNote
from .idempotency import IdempotencyKey
from .link import CaseLink
from .merge import Merge
from .note import Note
from .outbox import Delivery, OutboxMessage
from .partner import PartnerClient, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from .recusal import Recusal
from .reference import ClockSetting, Holiday, LinkRule, RoutingPolicy, UrgencyRule, WorkingHours
from .referral import Referral
from .timeline import TimelineAnchor, TimelineEvent
from .user import User
from .vital_interest import VitalInterest
from .webhook import WebhookEndpoint

__all__ = [
    "Agreement",
    "AgreementVersion",
    "Assignment",
    "Case",
    "CaseGroup",
    "CaseLink",
    "ClockSetting",
    "Delivery",
    "DutyAlert",
    "DutyShift",
    "FeedHead",
    "GroupMember",
    "GroupNote",
    "Holiday",
    "IdempotencyKey",
    "LinkRule",
    "Merge",
    "Note",
    "OutboxMessage",
    "PartnerChange",
    "PartnerClient",
    "PartnerLanguage",
    "PartnerOrganisation",
    "Recusal",
    "Referral",
    "RoutingDecision",
    "RoutingPolicy",
    "Service",
    "ServiceArea",
    "TimelineAnchor",
    "TimelineEvent",
    "UrgencyRule",
    "User",
    "VitalInterest",
    "WebhookEndpoint",
    "WorkingHours",
]
