"""The urgent reserve: places that ordinary cases (U3–U4) leave to the urgent ones for a while (domain.md §8). Pure.

An ordinary case is held back from a partner

1. while the place there is worth more to the cases still to come (the price, prices.py) than help still is to this one;
   what help is worth fades evenly while the case waits;
2. when it would take one of the last places of a scarce partner, which are kept for U1–U2;
3. after `opens_after` hours never: however full everybody is, no case waits for good because of the reserve.

Hours count from when the case came in. Meanwhile it is tried again every `again_after` hours, and a person sees it
among the unrouted and may give it a kept place at any time, with a reason.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from cases.deadlines import ROUND_THE_CLOCK


@dataclass(frozen=True, slots=True)
class ReserveSetting:
    share: float = 0.0  # of a scarce partner's places
    scarce_from: float = 1.0  # the price from which a partner is scarce
    opens_after: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({3: 240, 4: 480}))  # hours
    again_after: int = 24  # hours


def next_step(urgency: int, waiting_since: datetime, now: datetime, setting: ReserveSetting) -> datetime | None:
    """When a held case is tried again: at the latest when nothing is kept from it; None: nothing is any more."""
    opens = waiting_since + timedelta(hours=setting.opens_after.get(urgency, 0))
    if urgency in ROUND_THE_CLOCK or now >= opens:
        return None
    return min(opens, now + timedelta(hours=setting.again_after))


def kept_places(capacity: int, price: float, setting: ReserveSetting) -> int:
    """Of a scarce partner; never all of them."""
    if price < setting.scarce_from:
        return 0
    return max(0, min(capacity - 1, math.ceil(setting.share * capacity - 1e-9)))


def is_held(
    urgency: int,
    *,
    waiting_since: datetime | None,
    now: datetime,
    capacity: int,
    free: int,
    price: float,
    gain: float,
    setting: ReserveSetting,
) -> bool:
    """`gain`: what the place would be worth to this case today, in the money of the price."""
    if urgency in ROUND_THE_CLOCK or waiting_since is None:
        return False
    opens = timedelta(hours=setting.opens_after.get(urgency, 0))
    waited = max(now - waiting_since, timedelta())
    if waited >= opens:
        return False
    return gain * (1 - waited / opens) < price or free <= kept_places(capacity, price, setting)
