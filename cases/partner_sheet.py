"""What a partner offers, where, in which languages, when and how much: one value for form, dry run and rows. Pure.

Whom one writes to, and the bodies it is related to, are not in it: a dry run needs neither and keeps codes only.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

Area = tuple[str, str | None, bool]  # country, region (None: all of it), at a distance
Period = tuple[int, str, str]  # weekday from Monday = 0, "09:00", "18:00"
DaysOff = tuple[str, str]  # first and last day, "2026-12-28"


@dataclass(frozen=True, slots=True)
class ServiceSheet:
    """For one category. No subcodes, age bands or genders: all of them."""

    subcodes: tuple[str, ...] = ()
    age_bands: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    child_safeguarding: bool = False
    is_specialised: bool = False

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> Self:
        lists = {name: _texts(kept[name]) for name in ("subcodes", "age_bands", "genders")}
        return cls(
            **lists,
            child_safeguarding=kept["child_safeguarding"] is True,
            is_specialised=kept["is_specialised"] is True,
        )


@dataclass(frozen=True, slots=True)
class PartnerSheet:
    """`capacity`: cases at a time. No `working_hours`: those of its side. Each tuple is sorted, so that two compare."""

    capacity: int
    is_active: bool
    timezone: str
    around_the_clock: bool = False
    working_hours: tuple[Period, ...] = ()
    closed_days: tuple[DaysOff, ...] = ()
    areas: tuple[Area, ...] = ()
    languages: tuple[str, ...] = ()
    interpreter_languages: tuple[str, ...] = ()
    services: Mapping[str, ServiceSheet] = field(default_factory=dict)

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> Self:
        """As `as_json` wrote it. Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        return cls(
            capacity=kept["capacity"],
            is_active=kept["is_active"] is True,
            timezone=_text(kept["timezone"]),
            around_the_clock=kept["around_the_clock"] is True,
            working_hours=tuple((int(day), _text(start), _text(end)) for day, start, end in kept["working_hours"]),
            closed_days=tuple((_text(first), _text(last)) for first, last in kept["closed_days"]),
            areas=tuple(_area(country, region, remote) for country, region, remote in kept["areas"]),
            languages=_texts(kept["languages"]),
            interpreter_languages=_texts(kept["interpreter_languages"]),
            services={code: ServiceSheet.stored(one) for code, one in kept["services"].items()},
        )

    def as_json(self) -> dict[str, Any]:
        made = asdict(self)
        return {name: list(map(_plain, value)) if isinstance(value, tuple) else value for name, value in made.items()}

    def differs_in(self, other: "PartnerSheet") -> list[str]:
        """Names of what is not the same."""
        mine, others = self.as_json(), other.as_json()
        return [name for name in mine if mine[name] != others[name]]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _area(country: Any, region: Any, is_remote: Any) -> Area:
    return _text(country), None if region is None else _text(region), is_remote is True


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
