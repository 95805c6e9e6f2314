"""The case file: one screen. What a person reads here is recorded before it is shown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.assign import is_free
from cases.actions.open_file import open_file, open_personal_data
from cases.actions.pause_clocks import MAY_WAIT
from cases.actions.write_to_reporter import read_messages
from cases.models import Case
from cases.permissions import allowed_actions
from cases.queries.case_file import CaseFile, case_of
from cases.queries.case_file import case_file as read_file
from cases.queries.complained_of import Unseen, unseen_by
from cases.queries.links import name_other_cases, relations
from cases.queries.personal import PersonalData, personal_data
from cases.queries.updates import said_by_partners
from cases.web.access import acting, page, staff
from cases.web.agreement_forms import TransferForm
from cases.web.case_forms import HoldForm, VitalForm, WriteForm
from cases.web.clocks_forms import clock_forms
from cases.web.forms import NoteForm, OfferForm, TriageForm
from cases.web.life_panel import life_forms, life_of
from cases.web.link_forms import link_forms
from cases.web.moves_forms import NewRoundForm, in_hand
from cases.workflow import ENDED_CASES, CaseState
from intake.errors import DomainError, ReportErased
from intake.models import SafeContact
from intake.queries import current_contact, next_safe_moment, reference_data, safe_contact_now
from intake.references import normalise_reference
from intake.vocabulary import About, DataGroup, Voice

SHOWN_PROPOSALS = 3
_OFFERABLE = frozenset({CaseState.TRIAGE, CaseState.ROUTING, CaseState.UNROUTED})


@require_GET
@page("open_case")
def case_file(request: HttpRequest, reference: str) -> HttpResponse:
    return show(request, case_or_404(request, reference))


@require_POST
@page("open_case")
def personal(request: HttpRequest, reference: str) -> HttpResponse:
    """Contact and identity, in the answer to this one request only: a reload asks, and records, again."""
    case = case_or_404(request, reference)
    try:
        report_id = open_personal_data(case_id=case.pk, by=acting(request), now=timezone.now())
        return show(request, case, personal=personal_data(report_id))
    except ReportErased as error:
        return show(request, case, error=error, panel="personal")


def case_or_404(request: HttpRequest, reference: str) -> Any:
    known = normalise_reference(reference)
    case = case_of(staff(request), known, now=timezone.now()) if known else None
    if case is None:
        raise Http404
    return case


def show(
    request: HttpRequest,
    case: Any,
    *,
    forms: Mapping[str, Any] | None = None,
    error: DomainError | None = None,
    panel: str = "",
    personal: PersonalData | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; after a refusal with what was typed kept, and the reason at the form it belongs to."""
    now = timezone.now()
    if not case.is_recorded or case.has_alert:
        open_file(case=case, by=acting(request), now=now)
    unseen = unseen_by(staff(request), case.report_id)
    file = read_file(case, now)
    file = replace(file, messages=[one for one in file.messages if (one.by_ref, one.sent_at) not in unseen.answers])
    _mark_read(request, file, now)
    is_of_another = case.report.about == About.OTHER
    concerned = current_contact(case.report_id, Voice.AFFECTED_PERSON) if is_of_another else None
    context = {
        "now": now,
        "file": file,
        "case": case,
        "report": case.report,
        "may": allowed_actions(staff(request)),
        "is_open": case.state not in ENDED_CASES,
        "is_free": is_free(case),
        "may_wait": case.state in MAY_WAIT,
        "is_offerable": case.state in _OFFERABLE,
        "reach": reach(file.contact, now),
        "concerned": concerned,
        "concerned_reach": reach(concerned, now),
        "forms": {**_forms(case, file), **(forms or {})},
        "error": error,
        "panel": panel,
        "personal": personal,
        "ranked": _ranked(file),
        "others": _others(file),
        "events": _events_for(request, file, unseen),
        "relations": relations(case, staff(request)),
        "life": life_of(case, file),
        "in_hand": in_hand(
            file.referrals,
            file.partners,
            forms or {},
            seen=case.updated_at.isoformat(),
            now=now,
            may=allowed_actions(staff(request)),
        ),
        "said_by_partners": said_by_partners(case) if file.referrals else (),
        **_labels(case, file),
    }
    return render(request, "console/case_file.html", context, status=error.status if error else status)


def _mark_read(request: HttpRequest, file: CaseFile, now: datetime) -> None:
    """What the person wrote and stands on this page is read; what came in between is not."""
    unread = [one for one in file.messages if one.voice == Voice.REPORTER and one.is_unread and not one.organisation]
    if unread:
        read_messages(case_id=file.case.pk, until=unread[-1].sent_at, by=acting(request), now=now)


def _events_for(request: HttpRequest, file: CaseFile, unseen: Unseen) -> list[Any]:
    """That somebody has complained, perhaps about us, is for supervisors alone, and not for one whom it concerns."""
    name_other_cases(file.events, staff(request))
    return [event for event in file.events if not unseen.hides(event)]


def _labels(case: Case, file: CaseFile) -> dict[str, Any]:
    known = reference_data()
    subcode = known.subcodes.get((case.category_id, case.subcode))
    country = known.countries.get(case.citizenship)
    return {
        "subcode_label": subcode.label() if subcode else "",
        "citizenship": country.label() if country else _("stateless") if case.citizenship == "XX" else case.citizenship,
        "groups": [label for group, label in DataGroup.choices if group in file.consent.groups],
    }


def reach(contact: SafeContact | None, now: datetime) -> dict[str, Any]:
    """Whether the person may be contacted now, and until or from when, in the person's own zone."""
    if contact is None:
        return {"state": "mailbox"}
    if contact.never_contact:
        return {"state": "never"}
    zone = ZoneInfo(contact.timezone)
    if safe_contact_now(contact, now):
        return {"state": "safe", "until": _closes(contact, now, zone), "zone": contact.timezone}
    opens = next_safe_moment(contact, now)
    return {"state": "unsafe", "from": opens.astimezone(zone) if opens else None, "zone": contact.timezone}


def _closes(contact: SafeContact, now: datetime, zone: ZoneInfo) -> datetime | None:
    if contact.hours_until is None:
        return None
    local = now.astimezone(zone)
    closes = datetime.combine(local.date(), contact.hours_until, zone)
    return closes if closes > local else closes + timedelta(days=1)


def _forms(case: Case, file: CaseFile) -> dict[str, Any]:
    seen = {"seen": case.updated_at.isoformat()}
    kind = f"{case.category_id}.{case.subcode}" if case.subcode else case.category_id
    step = "in_progress" if file.consent.share == "none" else "route"
    decision = {"decision": file.decision.pk} if file.decision else {}
    return {
        "seen": seen["seen"],
        "triage": TriageForm(initial={**seen, "kind": kind, "urgency": case.urgency, "next_step": step}),
        "offer": OfferForm(initial={**seen, **decision}, partners=file.partners),
        "note": NoteForm(initial=seen),
        "write": WriteForm(initial=seen),
        "vital": VitalForm(initial=seen, partners=file.partners),
        "hold": HoldForm(initial=seen),
        **link_forms(seen),
        "transfer": TransferForm(initial=seen),
        **life_forms(case, file),
        **clock_forms(seen),
        "round": NewRoundForm(initial=seen),
    }


def _ranked(file: CaseFile) -> list[dict[str, Any]]:
    """The best of the ranking with their names; `is_proposed` are those that the decision chose."""
    if file.decision is None:
        return []
    chosen = set(file.decision.chosen)
    ranked = [{**one, "is_proposed": one["partner"] in chosen} for one in file.decision.ranked]
    return [
        {**one, "name": file.partners.get(one["partner"])}
        for number, one in enumerate(ranked)
        if one["is_proposed"] or number < SHOWN_PROPOSALS
    ]


def _others(file: CaseFile) -> list[dict[str, Any]]:
    """Why not each other one: those who came nearest (fewest reasons) first."""
    if file.decision is None:
        return []
    rejected = sorted(file.decision.rejected, key=lambda one: len(one["reasons"]))
    return [{**one, "name": file.partners.get(one["partner"])} for one in rejected]
