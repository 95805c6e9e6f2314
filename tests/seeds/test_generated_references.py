"""A million generated cases need a million references: each tells its number back, so no two can be alike."""

import pytest

from intake.references import ALPHABET, normalise_reference
from seeds.generate.cast import reference_of

SEEDS = (1, 2, 2999)
NUMBERS = (0, 1, 2, 999_999, 9_999_999)
FACTORS = (0x2C9277B5D, 0x5851F42D5, 0x14057B7EF)
ALL = 32**7


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_reference_tells_seed_and_number_back(seed: int, number: int) -> None:
    reference = reference_of(seed, number)
    assert normalise_reference(reference) == reference
    assert divmod(_undone(reference), 10_000_000) == (seed, number)


def test_it_does_not_look_counted() -> None:
    ends = {reference_of(1, number)[0] + reference_of(1, number)[6] for number in range(2000)}
    assert len(ends) > 800, "of 1,024"


def _undone(reference: str) -> int:
    signs = reference.replace("-", "")[:7]
    found = sum(ALPHABET.index(sign) << 5 * place for place, sign in enumerate(signs))
    for factor in reversed(FACTORS):
        found ^= (found >> 17) ^ (found >> 34)
        found = found * pow(factor, -1, ALL) % ALL
    return found
