"""What is published of each state and outcome: codes that the reporter's page has words for."""

import pytest

from cases.workflow import PUBLIC_ENDINGS, CaseState, Outcome, public_code
from intake.models import PublicStatus


@pytest.mark.parametrize("state", CaseState.values)
@pytest.mark.parametrize("outcome", ["", *Outcome.values])
def test_every_state_and_outcome_has_a_code_that_fits_its_column(state: str, outcome: str) -> None:
    code = public_code(state, outcome)
    assert code.partition(".")[0] == state
    assert len(code) <= (PublicStatus._meta.get_field("code").max_length or 0)
    assert ("." in code) == (state in {"resolved", "closed"} and outcome in PUBLIC_ENDINGS)


def test_that_somebody_died_or_wrote_as_well_is_told_by_no_code() -> None:
    assert set(Outcome.values) - set(PUBLIC_ENDINGS) == {"died", "duplicate"}
