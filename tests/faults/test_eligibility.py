"""The long form of the requirements' property: 20,000 new random worlds against the naive rules. The short form, of 600
worlds, is in tests/cases/test_requirements.py."""

import os

if os.environ.get("KORPU_FAULTS") == "full":
    from tests.cases.test_requirements import (  # noqa: F401
        test_a_case_can_be_offered_exactly_when_the_naive_rules_say_so,
    )
