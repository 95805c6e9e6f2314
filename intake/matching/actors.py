"""The skeletons of those who are said to have done it: people, firms and offices, in any of the three spellings. Pure.

As `names`: coarse, so a match is a hint for a person and never a fact.
"""

import re

from .names import LONGEST, normal_name

MOST = 8  # names in one answer
_SHORTEST = 3  # letters of a skeleton: "он" or "MM" would join strangers
_BETWEEN = re.compile(r"[,;/\n]+|\s(?:и|və|and)\s", re.IGNORECASE)
# What kind of firm it is says nothing about which one.
_FIRM = re.compile(
    r"(?<!\w)(?:ооо|оао|зао|пао|нао|ао|ип|чп|нко|ано|mmc|asc|qsc|qht|llc|ltd|inc|jsc|ngo)(?!\w)\.?", re.IGNORECASE
)


def normal_actors(typed: str) -> list[str]:
    """The skeleton of each name in the text, sorted, at most eight; empty when nothing in it is a name."""
    typed = typed[: LONGEST * MOST]
    pieces = _BETWEEN.split(typed)[:MOST]
    if all(len(piece.split()) < 2 for piece in pieces):
        pieces = [typed]  # "Əliyev, Vüqar" is one man
    found = {normal_name(_FIRM.sub(" ", piece)) for piece in pieces}
    return sorted(name for name in found if len(name.replace(" ", "")) >= _SHORTEST)
