"""The urgent reserve: places that ordinary cases (U3–U4) leave to the urgent ones for a while (domain.md §8). Pure.

An ordinary case is held back from a partner

1. at first, when the place there is worth more to the cases still to come than to this one (the price, prices.py);
2. for longer, when it would take one of the last places of a scarce partner, which are kept for U1–U2;
3. after that never: however full everybody is, no case waits for good because of the reserve.

How long is a setting, in hours since the case came in. Meanwhile a person sees the case among the unrouted, and may
give it a kept place at any time, with a reason.
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
    # Hours by urgency: until the price holds nothing back any more, and until the last places do not either.
    price_holds: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({3: 72, 4: 168}))
    opens_after: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({3: 216, 4: 456}))


def next_step(urgency: int, waiting_since: datetime, now: datetime, setting: ReserveSetting) -> datetime | None:
    """When less will be kept from the case than now; None: nothing is, as for every urgent one."""
    hours = (setting.price_holds.get(urgency, 0), setting.opens_after.get(urgency, 0))
    return next((moment for one in hours if (moment := waiting_since + timedelta(hours=one)) > now), None)


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
    """`gain`: what the place would be worth to this case, in the money of the price."""
    if urgency in ROUND_THE_CLOCK or waiting_since is None:
        return False
    waited = now - waiting_since
    if waited >= timedelta(hours=setting.opens_after.get(urgency, 0)):
        return False
    too_dear = gain < price and waited < timedelta(hours=setting.price_holds.get(urgency, 0))
    return too_dear or free <= kept_places(capacity, price, setting)
