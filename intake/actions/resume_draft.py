"""A draft kept under its code, so that it can be finished in another browser. Only who has the code can open it.

Once the person has closed it or left quickly, the secret of that cookie opens nothing, also for whoever copied it: the
code gives the draft a new secret, and seals it anew under that.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from intake.encryption import DataKey, derive_key, keyed_hash, receipt_code_key
from intake.models import Draft
from intake.references import hash_code, normalise_code

from .adopt_files import reseal_files_step
from .drafts import (
    LIFETIME,
    OpenDraft,
    draft_key,
    lock_draft,
    new_secret,
    open_row,
    token_hash,
    unknown_token,
)

_NEVER_ISSUED = ""  # no code is empty, so its hash is nobody's


@transaction.atomic(durable=True)
def keep_under_code(*, secret: str, now: datetime) -> OpenDraft:
    """From now on the code shown with this draft opens it, for 24 hours. Nothing changes when it does already.

    Before the first answer there is no code, and nothing to come back to. Raises DraftExpired.
    """
    opened = lock_draft(secret=secret, now=now)
    draft, code = opened.draft, opened.code
    if code is None or opened.is_sent or draft.code_hash is not None:
        return opened
    draft.code_hash = hash_code(code, key=receipt_code_key())
    draft.secret_by_code = _key(code).seal(secret.encode(), label=_label(draft))
    draft.expires_at = now + LIFETIME
    draft.save(update_fields=["code_hash", "secret_by_code", "expires_at"])
    return open_row(draft, secret=secret, now=now)


@transaction.atomic(durable=True)
def close_draft(*, secret: str, now: datetime) -> None:
    """The cookie opens it no more, the code does. Nothing changes without such a code. Raises DraftExpired."""
    draft = lock_draft(secret=secret, now=now).draft
    if draft.code_hash is not None:
        draft.token_hash = unknown_token()
        draft.save(update_fields=["token_hash"])


def secret_by_code(typed: str, *, now: datetime) -> str | None:
    """The cookie's secret of the unsent draft that this code opens; a new one when it was closed meanwhile.

    Malformed, never issued, sent, expired and erased all cost one hash and one look-up and answer None (bars.md S4).
    """
    code = normalise_code(typed) or _NEVER_ISSUED
    code_hash = hash_code(code, key=receipt_code_key())
    draft = Draft.objects.filter(code_hash=code_hash, report__isnull=True, expires_at__gt=now).first()
    if draft is None or draft.secret_by_code is None:
        return None
    secret = _secret(draft, code)
    return secret if _opens(secret, draft) else _reopened(draft.pk, code)


@transaction.atomic(durable=True)
def _reopened(draft_id: UUID, code: str) -> str | None:
    """Under the row's lock: of two browsers that come with the code at once both get the same secret."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id, secret_by_code__isnull=False).first()
    if draft is None:  # sent or out of time since
        return None
    secret = _secret(draft, code)
    if _opens(secret, draft):
        return secret
    fresh = new_secret()
    old, new = draft_key(secret), draft_key(fresh)
    draft.seal(new, answers=draft.unseal(old, "answers"), code=draft.unseal(old, "code"))
    draft.secret_by_code = _key(code).seal(fresh.encode(), label=_label(draft))
    draft.token_hash = token_hash(fresh)
    draft.save(update_fields=["answers", "code", "secret_by_code", "token_hash"])
    reseal_files_step(draft=draft, old=old, new=new)
    return fresh


def _secret(draft: Draft, code: str) -> str:
    return _key(code).open(bytes(draft.secret_by_code or b""), label=_label(draft)).decode()


def _opens(secret: str, draft: Draft) -> bool:
    return bytes(draft.token_hash) == token_hash(secret)


def _key(code: str) -> DataKey:
    """Keyed first: 66 bits of code alone must not be what a stolen database can be searched with."""
    return derive_key(keyed_hash(code, purpose="draft by code").hex(), purpose="draft by code")


def _label(draft: Draft) -> str:
    return f"draft secret:{draft.pk}"
