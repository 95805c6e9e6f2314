"""Which categories belong to the directions of the joint work that a member follows."""

from collections.abc import Iterable

from django.db.models import Q

from intake.models import ProblemCategory


def categories_of(directions: Iterable[int]) -> list[str]:
    """Codes of the categories that are of one of these directions, themselves or by one of their subcodes."""
    wanted = list(directions)
    rows = ProblemCategory.objects.filter(Q(directions__in=wanted) | Q(subcodes__directions__in=wanted))
    return list(rows.order_by("order", "code").values_list("code", flat=True).distinct())
