"""The partner's guide names every kind of change and message that the code can make, and no other."""

import re

from cases.messages import _NO_MOVE
from cases.workflow import ReferralState
from tests.conftest import ROOT

GUIDE = (ROOT / "docs/partner-guide.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split("|") for line in GUIDE.splitlines() if line.startswith("| `referral.")]
# What a webhook says of a referral that has moved, by the notice that is sent.
MOVED = {
    "offer": "offered",
    "offer_expired": "expired",
    "offer_withdrawn": "withdrawn",
    "consent_withdrawn": "withdrawn",
}


def named(column: int) -> set[str]:
    return {kind for row in ROWS if row[column].strip() == "yes" for kind in re.findall(r"`(referral\.\w+)`", row[0])}


def source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cases").rglob("*.py")))


def test_every_kind_of_the_feed_stands_in_the_guide() -> None:
    """Each state of a referral, and each kind that the code names itself."""
    own = set(re.findall(r'record_changes\([^)]*"(referral\.\w+)"|feed_rows\([^)]*"(referral\.\w+)"', source()))
    kinds = {kind for pair in own for kind in pair if kind} | {f"referral.{state}" for state in ReferralState.values}
    assert named(2) == kinds


def test_every_kind_of_a_webhook_stands_in_the_guide() -> None:
    notices = set(re.findall(r'_to_partners\(\s*"(\w+)"', source())) | {"offer_expired", "offer_withdrawn"}
    assert notices - {"offer", "offer_expired", "offer_withdrawn", "consent_withdrawn"} <= _NO_MOVE
    assert named(3) == {f"referral.{MOVED.get(notice, notice)}" for notice in notices}


def test_what_the_guide_names_anywhere_exists() -> None:
    assert set(re.findall(r"`(referral\.\w+)`", GUIDE)) <= named(2) | named(3)
