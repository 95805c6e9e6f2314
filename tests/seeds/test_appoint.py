"""Supervisors and auditors are made by two administrators of their side, by nobody else."""

import pytest
from django.core.management import CommandError, call_command

from cases.models import User

pytestmark = pytest.mark.django_db(transaction=True)
ADMINISTRATORS = ["one@example.org", "two@example.org"]


@pytest.fixture
def people() -> None:
    for address in ADMINISTRATORS:
        User.objects.create_user(address, name="Admin", side="AZ", roles=["administrator"])
    User.objects.create_user("other@example.org", name="Other side", side="RU", roles=["administrator"])
    User.objects.create_user("worker@example.org", name="Worker", side="AZ", roles=["caseworker"])


def appoint(*approved_by: str, mail: str = "worker@example.org", role: str = "supervisor") -> list[str]:
    call_command("appoint", "--mail", mail, "--role", role, "--approved-by", *approved_by)
    return list(User.objects.get(email=mail).roles)


def test_two_administrators_make_a_supervisor(people: None) -> None:
    assert appoint(*ADMINISTRATORS) == ["caseworker", "supervisor"]


def test_an_auditor_has_no_other_role(people: None) -> None:
    assert appoint(*ADMINISTRATORS, role="auditor") == ["auditor"]


@pytest.mark.parametrize(
    "approved_by",
    [
        ("one@example.org", "one@example.org"),
        ("one@example.org", "other@example.org"),
        ("one@example.org", "worker@example.org"),
        ("one@example.org", "nobody@example.org"),
    ],
)
def test_anything_less_is_refused(people: None, approved_by: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        appoint(*approved_by)
    assert User.objects.get(email="worker@example.org").roles == ["caseworker"]


def test_a_disabled_administrator_decides_nothing(people: None) -> None:
    User.objects.filter(email="two@example.org").update(is_active=False)
    with pytest.raises(CommandError):
        appoint(*ADMINISTRATORS)


def test_an_administrator_is_not_appointed(people: None) -> None:
    with pytest.raises(CommandError):
        appoint(*ADMINISTRATORS, mail="one@example.org")
