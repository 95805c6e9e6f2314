"""Staff who may have a case: of its side, active, with the role, and not knowing the person."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from cases.models import Case, Recusal, User
from cases.permissions import may
from cases.queries.reach import knows_person


def assignable_people(case: Case) -> Sequence[User]:
    """By name, in one statement. SQLite cannot search the list of roles."""
    knows = Recusal.objects.filter(case=case, user=OuterRef("pk"))
    rows = User.objects.filter(~Exists(knows), side=case.side, is_active=True).defer("phone").order_by("name", "pk")
    return [user for user in rows if may(user, "take_case", side=case.side)]


def may_have(user: User, case: Case) -> bool:
    return may(user, "take_case", side=case.side) and not knows_person(user.pk, case.pk)
