"""Every role, every action, on the own and on the other side: as the table says (domain.md §10)."""

import csv
from itertools import product

import pytest

from cases.models.user import Role, User
from cases.permissions import ACTIONS, CASE_ACTIONS, ROLES, SIDE_ACTIONS, allowed_actions, may
from tests.conftest import ROOT

with (ROOT / "tests/cases/tables/permissions.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {(row["action"], row["role"]): row for row in csv.DictReader(file)}


def account(*roles: str, is_active: bool = True) -> User:
    return User(email="someone@example.org", side="AZ", roles=list(roles), is_active=is_active)


def test_the_table_has_a_line_for_every_role_and_action() -> None:
    assert set(TABLE) == set(product(ACTIONS, Role.values))
    assert set(ROLES) == set(Role.values)


@pytest.mark.parametrize(("action", "role"), sorted(TABLE))
def test_each_line_holds(action: str, role: str) -> None:
    row, user = TABLE[action, role], account(role)
    assert may(user, action, side="AZ") is (row["own_side"] == "yes")
    assert may(user, action, side="RU") is (row["other_side"] == "yes")
    assert may(user, action) is (row["own_side"] == "yes")


def test_on_the_other_side_nobody_acts_on_a_case_whatever_the_roles() -> None:
    everything = account(*ROLES)
    assert not [action for action in (*CASE_ACTIONS, *SIDE_ACTIONS) if may(everything, action, side="RU")]


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_administers_or_audits_sees_no_person_even_with_another_role(role: str) -> None:
    assert not [action for action in CASE_ACTIONS if may(account(role, "supervisor", "caseworker"), action)]
    assert may(account(role, "supervisor"), "edit_duty")


def test_two_roles_may_what_either_may() -> None:
    user = account("caseworker", "working_group_member")
    assert may(user, "open_case", side="AZ") and may(user, "see_figures", side="RU")


@pytest.mark.parametrize("role", ROLES)
def test_who_left_may_nothing(role: str) -> None:
    assert not allowed_actions(account(role, is_active=False))


def test_without_a_role_one_may_nothing() -> None:
    assert not allowed_actions(account())
    assert not allowed_actions(account("root"))


def test_an_action_that_does_not_exist_is_a_mistake_and_no_answer() -> None:
    with pytest.raises(KeyError):
        may(account("supervisor"), "opne_case")
