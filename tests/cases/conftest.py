"""What every test of cases shares: reference data is read anew, for each test has its own rows."""

from collections.abc import Iterator

import pytest

from cases.queries.remembered import forget_reference
from intake.queries import forget_reference_data


@pytest.fixture(autouse=True)
def fresh_reference_data() -> Iterator[None]:
    forget_reference()
    forget_reference_data()
    yield
    forget_reference()
    forget_reference_data()
