"""Calls the API as a partner's developer would: a token, a bearer header, JSON. Rows are tests/cases/arrange.py's."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, set_token_value

from cases.models import AgreementVersion, Case, PartnerClient, PartnerOrganisation, Referral
from intake.actions.submit_report import ConsentEntry, ContactEntry
from tests.cases import arrange

SCOPES = (
    "referrals:read",
    "referrals:answer",
    "cases:read",
    "cases:write",
    "webhooks:manage",
    "reports:create",
)
GROUPS = ("identity", "contact", "story", "documents", "family")
# What a person wrote. None of it may be found where it does not belong.
NAME, STORY, PHONE, FAMILY, SAFE_WORD, ACTOR = (
    "Canary Canaryev",
    "canary-story: they keep my passport",
    "+79161234567",
    "canary-family: two brothers",
    "canary-word",
    "Canary Holding",
)
CANARIES = (NAME, STORY, PHONE, FAMILY, SAFE_WORD, ACTOR, "Canary", "canary", "9161234567")
CONTACT = ContactEntry(method="phone", value=PHONE, safe_word=SAFE_WORD, timezone="Europe/Moscow")


@dataclass
class Api:
    """A client of one partner. `token` None: nobody."""

    partner: PartnerOrganisation | None = None
    client: PartnerClient | None = None
    token: str | None = None
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.token is not None:
            headers = {"authorization": f"Bearer {self.token}"} | headers
        url = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        content_type = headers.pop("content_type", "application/json")
        return self.http.generic(method, url, data, content_type=content_type, headers=headers)


def api(partner: PartnerOrganisation | None = None, scopes: tuple[str, ...] = SCOPES, **fields: Any) -> Api:
    """A partner (a new one unless given) with a client and a token."""
    owner = partner or agreed_partner()
    client = PartnerClient.objects.create(
        partner=owner,
        name="test",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        scopes=list(scopes),
        **fields,
    )
    return Api(owner, client, token_of(client))


def token_of(client: PartnerClient, **fields: Any) -> str:
    raw = uuid4().hex
    values = {"expires": timezone.now() + timedelta(hours=1), "scope": " ".join(client.scopes), **fields}
    row = AccessToken(application=client, **values)
    set_token_value(row, raw)
    row.save()
    return raw


def agreed_partner(**fields: Any) -> PartnerOrganisation:
    """With an agreement that covers every data group."""
    owner = arrange.partner(**({"side": "AZ"} | fields))
    AgreementVersion.objects.filter(agreement__partner=owner).update(data_groups=list(GROUPS))
    return owner


def consent(share: str = "any", groups: tuple[str, ...] = GROUPS, cross_border: str = "yes") -> ConsentEntry:
    return ConsentEntry(share=share, cross_border=cross_border, groups=frozenset(groups), text_version=1)


def told_case(now: datetime | None = None, **changes: Any) -> Case:
    """The case of somebody who told everything and shares everything, unless changed."""
    values: dict[str, Any] = {
        "story": STORY,
        "identity": {"name": NAME},
        "family": FAMILY,
        "actor_name": ACTOR,
        "actor_kind": "employer",
        "contact": CONTACT,
        "consent": consent(),
        "age_band": "25_39",
    }
    return arrange.opened(now or timezone.now(), **(values | changes))


def referred(caller: Api, state: str = "offered", now: datetime | None = None, **changes: Any) -> Referral:
    """A told case, offered to (or accepted by) the caller's partner."""
    moment = now or timezone.now()
    assert caller.partner is not None
    return arrange.referral(told_case(moment, **changes), caller.partner, moment, state)


def bulk_referrals(owner: PartnerOrganisation, count: int, state: str = "offered") -> list[Referral]:
    """Many offers of one kind, made by copying the rows of a single case: lists do not care where they came from."""
    first = told_case()
    version = AgreementVersion.objects.get(agreement__partner=owner)
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    rows = []
    for index in range(count):
        case = first if index == 0 else _copy(first)
        at = moment + timedelta(minutes=index // 3)  # three in one moment, so that the id decides too
        rows.append(
            Referral(
                case=case,
                partner=owner,
                state=state,
                round=1,
                urgency=case.urgency,
                category_id=case.category_id,
                agreement_version=version,
                offered_at=at,
                answer_due_at=at + timedelta(hours=12),
                updated_at=at,
            )
        )
    return Referral.objects.bulk_create(rows)


def _copy(case: Case) -> Case:
    from intake.models import Report
    from intake.references import new_id, new_reference

    reference = new_reference()
    report = Report.objects.get(pk=case.report_id)
    report.pk, report.reference, report.code_hash, report.submission_key = new_id(), reference, None, None
    report.save(force_insert=True)
    copy = Case.objects.get(pk=case.pk)
    copy.pk, copy.report, copy.reference = new_id(), report, reference
    copy.save(force_insert=True)
    return copy
