"""What is counted and what is hidden: one versioned definition for both sides (domain.md §11)."""

from dataclasses import dataclass, field

DEFINITION_VERSION = 1


@dataclass(frozen=True)
class Definition:
    """`floor`: a cell below it is hidden. `sensitive_floor` holds for the categories where a few cases name people."""

    version: int = DEFINITION_VERSION
    floor: int = 5
    sensitive_floor: int = 11
    sensitive: frozenset[str] = field(default_factory=lambda: frozenset({"DET", "EXP", "SAF"}))

    def floor_of(self, category: str) -> int:
        return self.sensitive_floor if category in self.sensitive else self.floor


CURRENT = Definition()
