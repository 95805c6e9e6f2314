"""Drafts: an unfinished report that only the browser's cookie can read. Sending it is send_draft.py."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.compiled import Read
from intake.encryption import DataKey, derive_key, keyed_hash, receipt_code_key
from intake.errors import DomainError, DraftExpired, InvalidInput
from intake.models import Draft
from intake.references import hash_code, new_receipt_code

from .forget_files import forget_draft_files_step

LIFETIME = timedelta(hours=24)
CODE_SHOWN_FOR = timedelta(minutes=30)  # after sending
SECRET_BYTES = 32
SIZE = 400_000  # characters of all answers as JSON: far above what the forms can hold, far below what hurts
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: UTF-8 cannot hold it
STEPS = (
    "where",
    "about",
    "what",
    "questions",
    "story",
    "files",
    "person",
    "actor",
    "exclude",
    "handler",
    "contact",
    "subject_contact",
    "consent",
    "subject_consent",
    "call",  # what a caseworker notes of the call itself; never part of the report
)


class DraftSent(DomainError):
    """The answers of this draft are a report now; more is added on the reporter's page."""

    code = "draft_sent"
    message = _("Your report has already reached us.")
    status = 409


@dataclass(frozen=True, slots=True, repr=False)
class StartedDraft:
    """`secret` goes into the browser's cookie and is kept nowhere else."""

    draft: Draft
    secret: str


@dataclass(frozen=True, slots=True, repr=False)
class OpenDraft:
    """`at`: when it was opened."""

    draft: Draft
    key: DataKey
    answers: Mapping[str, Any]
    at: datetime

    @property
    def code(self) -> str | None:
        """The receipt code while it may be shown, else None. Most pages of the form never ask."""
        return _shown_code(self.draft, self.key, self.at)

    @property
    def is_sent(self) -> bool:
        return self.draft.report_id is not None


@transaction.atomic(durable=True)
def start_draft(*, now: datetime) -> StartedDraft:
    """An empty draft of 24 hours."""
    secret = new_secret()
    draft = Draft(
        token_hash=token_hash(secret),
        submission_key=secrets.token_bytes(SECRET_BYTES),
        created_at=now,
        updated_at=now,
        expires_at=now + LIFETIME,
    )
    draft.save(force_insert=True)
    return StartedDraft(draft, secret)


def open_draft(*, secret: str, now: datetime) -> OpenDraft:
    """What the cookie's holder may see. Raises DraftExpired, also for a secret that was never given out."""
    return open_row(_row(token_hash(secret)), secret=secret, now=now)


@transaction.atomic(durable=True)
def save_answers(
    *, secret: str, step: str, values: Mapping[str, Any], now: datetime, interface_language: str = ""
) -> OpenDraft:
    """Puts the values into the step; a value of None takes an answer back; the other steps stay as they are.

    Two tabs write one after the other. The receipt code is made with the first answer. Raises DraftExpired, DraftSent,
    InvalidInput (no such step, far too much text).
    """
    if step not in STEPS:
        raise InvalidInput(fields={"step": [_("This cannot be read.")]})
    opened = lock_draft(secret=secret, now=now)
    if opened.is_sent:
        raise DraftSent()
    merged = {**opened.answers.get(step, {}), **values}
    answers = {**opened.answers, step: {name: value for name, value in merged.items() if value is not None}}
    if interface_language:
        answers["interface_language"] = interface_language
    _check_text(answers, step)
    draft, key = opened.draft, opened.key
    draft.seal(key, answers=answers)
    if not draft.code:
        draft.seal(key, code=new_receipt_code())
    draft.updated_at = now
    draft.save(update_fields=["answers", "code", "updated_at"])
    return open_row(draft, secret=secret, now=now)


@transaction.atomic(durable=True)
def confirm_code(*, secret: str, now: datetime) -> None:
    """The person has the code: from now on only its hash is kept, before sending as after. Raises DraftExpired."""
    opened = lock_draft(secret=secret, now=now)
    if opened.code is None:
        return
    if opened.is_sent:
        opened.draft.code = None
    else:
        _keep_hash_only(opened.draft, opened.key)
    opened.draft.save(update_fields=["code"])


@transaction.atomic(durable=True)
def discard_draft(*, secret: str) -> None:
    """Leave quickly: an unsent draft is gone; of a sent one the code, for whoever finds the cookie.

    One that was kept under its code stays as promised, and the cookie opens it no more: without the code nobody can. It
    is the report's code later, so its hash stays too: the person has it on paper, and another one they would never see.
    """
    mine = Draft.objects.select_for_update().filter(token_hash=token_hash(secret))
    unsent = mine.filter(report__isnull=True, code_hash__isnull=True)
    forget_draft_files_step(draft_ids=unsent.values_list("pk", flat=True))
    if unsent.delete()[0]:
        return
    for draft in mine:
        draft.code = draft.code if draft.report_id is None else None
        _keep_hash_only(draft, draft_key(secret))
        if draft.report_id is None:
            draft.token_hash = unknown_token()
        draft.save(update_fields=["code", "token_hash"])


@transaction.atomic(durable=True)
def delete_expired_drafts(*, now: datetime, limit: int = 500) -> int:
    """Deletes drafts past their time and wipes the codes of those sent over 30 minutes ago; returns how many rows."""
    old = list(Draft.objects.filter(expires_at__lte=now).order_by("expires_at").values_list("pk", flat=True)[:limit])
    forget_draft_files_step(draft_ids=old)
    deleted = Draft.objects.filter(pk__in=old).delete()[0]
    return deleted + _codes_shown_long_enough(now).update(code=None)


def lock_draft(*, secret: str, now: datetime) -> OpenDraft:
    """Like `open_draft`, inside a transaction that will change the draft."""
    return open_row(_row(token_hash(secret), is_locked=True), secret=secret, now=now)


def open_row(draft: Draft | None, *, secret: str, now: datetime) -> OpenDraft:
    if draft is None or draft.expires_at <= now:
        raise DraftExpired()
    key = draft_key(secret)
    return OpenDraft(draft, key, draft.unseal(key, "answers") or {}, now)


def _keep_hash_only(draft: Draft, key: DataKey) -> None:
    """Nobody can read the code here any more. The caller saves the row."""
    code = draft.unseal(key, "code")
    if isinstance(code, str):
        draft.seal(key, code={"hash": hash_code(code, key=receipt_code_key()).hex()})


def kept_code_hash(opened: OpenDraft) -> bytes | None:
    """The hash that is left of a code which was confirmed before sending."""
    kept = opened.draft.unseal(opened.key, "code")
    return bytes.fromhex(kept["hash"]) if isinstance(kept, dict) else None


def _shown_code(draft: Draft, key: DataKey, now: datetime) -> str | None:
    if draft.report_id is not None and draft.updated_at + CODE_SHOWN_FOR <= now:
        return None
    kept = draft.unseal(key, "code")
    return kept if isinstance(kept, str) else None


def _codes_shown_long_enough(now: datetime) -> Any:
    return Draft.objects.filter(Q(report__isnull=False), Q(code__isnull=False), Q(updated_at__lte=now - CODE_SHOWN_FOR))


def _check_text(answers: Mapping[str, Any], step: str) -> None:
    text = json.dumps(answers, ensure_ascii=False)
    if len(text) > SIZE:
        raise InvalidInput(fields={step: [_("This is too long.")]})
    if not text.isascii() and LONE_SURROGATE.search(text):
        raise InvalidInput(fields={step: [_("This cannot be read.")]})


def _row(token_hash: bytes, *, is_locked: bool = False) -> Draft | None:
    found = (_locked if is_locked else _found)(token=token_hash)
    return Draft.from_db("default", FIELDS, found[0]) if found else None


FIELDS = [field.attname for field in Draft._meta.concrete_fields]
_TOKENS = (b"one", b"other")
_found = Read(lambda token: Draft.objects.filter(token_hash=token).values_list(*FIELDS), token=_TOKENS)
_locked = Read(
    lambda token: Draft.objects.select_for_update().filter(token_hash=token).values_list(*FIELDS), token=_TOKENS
)


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def token_hash(secret: str) -> bytes:
    return keyed_hash(secret, purpose="draft")


def unknown_token() -> bytes:
    """In the place of a secret's hash: no cookie opens this draft any more."""
    return secrets.token_bytes(SECRET_BYTES)


def draft_key(secret: str) -> DataKey:
    return derive_key(secret, purpose="draft")
