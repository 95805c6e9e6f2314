"""What an administrator may make and end alone, whatever the form in front of it lets through."""

from typing import Any

import pytest
from django.db import OperationalError

from cases.actions.manage_accounts import create_account, set_active
from cases.errors import NotAllowed, NotFound
from cases.models import User
from intake.errors import InvalidInput
from tests.cases.arrange import acting, staff
from tests.cases.held_rows import held, impatient

pytestmark = pytest.mark.django_db


def make(by: User, **changes: Any) -> User:
    values: dict[str, Any] = {
        "side": "AZ",
        "email": "new@example.org",
        "name": "New",
        "roles": ["caseworker"],
        "directions": [],
        "language": "az",
    }
    return create_account(by=acting(by), **(values | changes))


def test_an_account_has_no_password_and_belongs_to_the_side() -> None:
    user = make(staff("administrator"))
    assert not user.has_usable_password() and (user.side, user.roles, user.timezone) == (
        "AZ",
        ["caseworker"],
        "Asia/Baku",
    )


@pytest.mark.parametrize(
    "roles",
    [["supervisor"], ["auditor"], ["caseworker", "supervisor"], ["administrator", "caseworker"], ["root"], []],
    ids=lambda roles: "+".join(roles) or "none",
)
def test_one_administrator_alone_gives_none_of_these(roles: list[str]) -> None:
    """A supervisor or an auditor takes two; an administrator opens no case and has no other role."""
    with pytest.raises(InvalidInput) as refused:
        make(staff("administrator"), roles=roles)
    assert "roles" in refused.value.fields and not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize(
    ("role", "side", "error"), [("administrator", "RU", NotFound), ("supervisor", "AZ", NotAllowed)]
)
def test_nobody_else_makes_or_ends_an_account_of_the_side(role: str, side: str, error: type[Exception]) -> None:
    by, other = staff(role, side=side), staff()
    with pytest.raises(error):
        make(by)
    with pytest.raises(error):
        set_active(user_id=other.pk, is_active=False, by=acting(by))
    assert User.objects.get(pk=other.pk).is_active


def test_nobody_disables_themselves() -> None:
    one = staff("administrator")
    with pytest.raises(NotAllowed):
        set_active(user_id=one.pk, is_active=False, by=acting(one))
    assert User.objects.get(pk=one.pk).is_active


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whose", ["own", "other"])
def test_two_administrators_never_disable_each_other(whose: str) -> None:
    """Whoever comes second waits for both accounts, and finds their own disabled."""
    one, other = staff("administrator"), staff("administrator")
    row = one if whose == "own" else other
    with impatient("30ms"), held(row), pytest.raises(OperationalError, match="lock timeout"):
        set_active(user_id=other.pk, is_active=False, by=acting(one))
    set_active(user_id=one.pk, is_active=False, by=acting(other))
    with pytest.raises(NotAllowed):
        set_active(user_id=other.pk, is_active=False, by=acting(one))
