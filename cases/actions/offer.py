"""Offers a case to partners: what becomes a referral, under the locks that keep capacity and agreements true."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.actions import notify
from cases.actions.case_row import locked_case, move, save_case, set_due
from cases.actions.record import Actor, Event, record_changes, record_events
from cases.deadlines import due_at
from cases.errors import AgreementNotValid, CapacityExceeded, NotAllowed, NotFound, ReasonRequired
from cases.models import Case, Note, PartnerOrganisation, Referral, RoutingDecision
from cases.queries.rules import rule_book
from cases.routing.propose import RULES_VERSION, Proposal
from cases.routing.requirements import AGREEMENT_REASONS, agreement_relied_on, check, memorandum_relied_on
from cases.routing.situation import case_facts, decide, partner_facts
from cases.routing.snapshot import CaseFacts, PartnerFacts
from cases.workflow import CaseState, ReferralState
from intake.actions.publish_status import publish_status
from intake.errors import InvalidInput
from intake.models import ReportKey
