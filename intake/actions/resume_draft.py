"""A draft kept under its code, so that it can be finished in another browser. Only who has the code can open it."""

from datetime import datetime

from django.db import transaction

from intake.encryption import DataKey, derive_key, keyed_hash, receipt_code_key
from intake.models import Draft
from intake.references import hash_code, normalise_code

from .drafts import LIFETIME, OpenDraft, lock_draft, open_row

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


def secret_by_code(typed: str, *, now: datetime) -> str | None:
    """The cookie's secret of the unsent draft that this code opens.

    Malformed, never issued, sent, expired and erased all cost one hash and one look-up and answer None (bars.md S4).
    """
    code = normalise_code(typed) or _NEVER_ISSUED
    code_hash = hash_code(code, key=receipt_code_key())
    draft = Draft.objects.filter(code_hash=code_hash, report__isnull=True, expires_at__gt=now).first()
    if draft is None or draft.secret_by_code is None:
        return None
    return _key(code).open(bytes(draft.secret_by_code), label=_label(draft)).decode()


def _key(code: str) -> DataKey:
    """Keyed first: 66 bits of code alone must not be what a stolen database can be searched with."""
    return derive_key(keyed_hash(code, purpose="draft by code").hex(), purpose="draft by code")


def _label(draft: Draft) -> str:
    return f"draft secret:{draft.pk}"
