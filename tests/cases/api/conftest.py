"""What every test of the API shares: reference data, and a partner that calls."""

import pytest

from tests.cases.api.calling import Api, api


@pytest.fixture(autouse=True)
def _reference(reference: None) -> None:
    """Codes are checked against the reference data as it is shipped."""


@pytest.fixture
def caller() -> Api:
    return api()
