"""One step of a sweep fails: nothing of it stays, the others go on, and the log holds nobody's words."""

import pytest

from cases.actions.apart import apart
from cases.models import User
from tests.cases.arrange import staff

pytestmark = pytest.mark.django_db(transaction=True)


@apart("user %s cannot be renamed")
def rename(user: User, name: str) -> int:
    User.objects.filter(pk=user.pk).update(name=name)
    if name == "Leyla":
        raise ValueError("Leyla Məmmədova was here")
    return 1


def test_one_failure_stops_no_other_and_keeps_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    first, second = staff(), staff()
    assert sum(rename(user, name) for user, name in ((first, "Leyla"), (second, "Nigar"))) == 1
    assert list(User.objects.order_by("pk").values_list("name", flat=True)) == [first.name, "Nigar"]
    assert caplog.messages == [f"user {first.pk} cannot be renamed: ValueError"]
