"""What cases stores. Foreign keys point to intake and inside cases, never to workers."""

from .agreement import Agreement, AgreementNotice, AgreementVersion
from .approval import Approval, ApprovalPeriod, ApprovalRequest
from .assignment import Assignment
from .case import Case
from .clock import CaseDate, ClockPause
from .closing import ClosingProposal
from .contact_attempt import ContactAttempt
from .coverage import UncoveredCategory
from .decision import RoutingDecision
from .duty import DutyAlert, DutyShift
from .feed import FeedHead, PartnerChange
from .follow_up import FollowUp
from .group import CaseGroup, GroupMember, GroupNote
from .idempotency import IdempotencyKey
from .job import Job, JobRule
from .life_rules import ClosingPolicy, LostContactRule, ReviewClock
from .limit import Limit
from .link import CaseLink
from .merge import Merge
from .note import Note
from .outbox import Delivery, OutboxMessage
from .partner import PartnerClient, PartnerEdit, PartnerLanguage, PartnerOrganisation, Service, ServiceArea
from .recusal import Recusal
from .reference import (
    ClockSetting,
    Holiday,
    LinkRule,
    PriceList,
    RoutingPolicy,
    RoutingSetting,
    TimingRule,
    UrgencyRule,
    WorkingHours,
)
from .referral import Referral, ReferralUpdate
from .timeline import TimelineAnchor, TimelineEvent
from .user import User
from .vital_interest import VitalInterest
from .webhook import WebhookEndpoint

__all__ = [
    "Agreement",
    "AgreementNotice",
    "AgreementVersion",
    "Approval",
    "ApprovalPeriod",
    "ApprovalRequest",
    "Assignment",
    "Case",
    "CaseDate",
    "CaseGroup",
    "CaseLink",
    "ClockPause",
    "ClockSetting",
    "ClosingPolicy",
    "ClosingProposal",
    "ContactAttempt",
    "Delivery",
    "DutyAlert",
    "DutyShift",
    "FeedHead",
    "FollowUp",
    "GroupMember",
    "GroupNote",
    "Holiday",
    "IdempotencyKey",
    "Job",
    "JobRule",
    "Limit",
    "LinkRule",
    "LostContactRule",
    "Merge",
    "Note",
    "OutboxMessage",
    "PartnerChange",
    "PartnerClient",
    "PartnerEdit",
    "PartnerLanguage",
    "PartnerOrganisation",
    "PriceList",
    "Recusal",
    "Referral",
    "ReferralUpdate",
    "ReviewClock",
    "RoutingDecision",
    "RoutingPolicy",
    "RoutingSetting",
    "Service",
    "ServiceArea",
    "TimelineAnchor",
    "TimelineEvent",
    "TimingRule",
    "UncoveredCategory",
    "UrgencyRule",
    "User",
    "VitalInterest",
    "WebhookEndpoint",
    "WorkingHours",
]
