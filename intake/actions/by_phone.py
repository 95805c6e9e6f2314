"""What a report taken on the telephone says differently: who wrote it down, and consent given aloud."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from intake.errors import DraftExpired
from intake.models import Consent
from intake.vocabulary import Channel

from .entry import ConsentEntry, ReportEntry


def taken_by_phone(entry: ReportEntry, answers: Mapping[str, Any], *, taken_by: UUID) -> ReportEntry:
    """The same entry, filed by this caseworker. `answers`: the draft's, whose consent says what was read and when.

    Answers that nobody has read the text for are no consent: they are left out, and the careful rule holds. Raises
    DraftExpired when the draft is another one's call.
    """
    if (answers.get("call") or {}).get("by") != str(taken_by):
        raise DraftExpired()
    asked = answers.get("consent") or {}
    consent = ConsentEntry(how=Consent.How.VERBAL.value, read_by_ref=taken_by, language=entry.consent.language)
    read_at = _moment(asked.get("read_at"))
    if asked.get("was_read") and read_at is not None:
        consent = replace(
            entry.consent,
            how=Consent.How.VERBAL.value,
            read_by_ref=taken_by,
            text_version=asked.get("text_version") or entry.consent.text_version,
            language=asked.get("read_in") or entry.consent.language,
            given_at=read_at,
        )
    contact, said = entry.contact, answers.get("contact") or {}
    if contact is not None:
        contact = replace(contact, timezone=said.get("timezone") or "", valid_until=said.get("valid_until"))
    return replace(entry, channel=Channel.PHONE.value, source_ref=taken_by, consent=consent, contact=contact)


def _moment(kept: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(kept)
    except (TypeError, ValueError):
        return None
