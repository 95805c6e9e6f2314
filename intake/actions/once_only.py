"""A form that is sent twice (two presses, a reload) is one act: the hash of the key that came with it."""

from typing import Any
from uuid import UUID

from intake.encryption import keyed_hash

LONGEST = 100  # characters of a key that are looked at


def act_hash(report_id: UUID, act: str, submission_key: Any) -> bytes | None:
    """None without a key: then each call is an act of its own. Keys of two reports, or of two acts, never meet."""
    if not isinstance(submission_key, str) or not submission_key:
        return None
    return keyed_hash(f"{report_id}:{act}:{submission_key[:LONGEST]}", purpose="act")
