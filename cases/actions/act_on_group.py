"""One act on every chosen case of a group: each by its own action, with its own permission, consent and safety rules.

Opens no transaction: each case is an action of its own, and what one refuses does not undo what another one did.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.actions.add_note import add_note, checked_note
from cases.actions.assign import take_case
from cases.actions.authorise import authorise, staff_member
from cases.actions.follow_ups import add_follow_up
from cases.actions.record import Actor
from cases.actions.route_case import propose
from cases.actions.write_to_reporter import write_to_reporter
from cases.errors import NotFound, StaleObject
from cases.models import CaseGroup
from cases.queries.groups import group_cases, group_of
from intake.actions.messages import LENGTH, checked_words
from intake.errors import DomainError, InvalidInput

Act = Callable[..., Any]
WITH_WORDS = frozenset({"note", "write", "follow_up"})


@dataclass(frozen=True, slots=True)
class Result:
    """`message`: why it was refused, in words for staff; empty where it was done."""

    reference: str
    message: str = ""


def act_on_group(
    *,
    group_id: UUID,
    act: str,
    case_ids: Sequence[UUID],
    text: str = "",
    user_id: UUID | None = None,
    local: datetime | None = None,
    seen: str | None = None,
    by: Actor,
    now: datetime,
) -> list[Result]:
    """Carries out `act` (propose, take, note, write or follow_up) on these cases, in the group's order, and says how
    each ended.

    `user_id`: for `take`, whom to make responsible (oneself without it); for `follow_up`, who is reminded (without it
    whoever is responsible for each case) at `local`, day and hour without a zone. `seen`: the group as the page showed
    it, so that sending a form twice writes to nobody twice. Members that this person cannot reach are left out, and not
    counted: that there are any would say something of them. Raises NotFound, NotAllowed, InvalidInput, StaleObject;
    what a single case refuses stands in its result.
    """
    user = staff_member(by)
    group = group_of(user, group_id)
    if group is None:
        raise NotFound()
    authorise(by, "group_cases", side=group.side)
    run = _checked(act, text, user_id, local, user.pk)
    chosen = [case for case in group_cases(group, user) if case.pk in set(case_ids)]
    if not chosen:
        raise InvalidInput(fields={"cases": [_("Please choose at least one case.")]})
    _claim(group, seen, now)
    return [_result(partial(run, case_id=case.pk, by=by, now=now), case.reference) for case in chosen]


def _checked(act: str, text: str, user_id: UUID | None, local: datetime | None, own_id: UUID) -> Act:
    """The words are checked once, before anything is done for anybody."""
    if act in {"note", "follow_up"}:
        checked_note(text)
    elif act == "write":
        checked_words(text, limit=LENGTH)
    if act == "follow_up":
        if local is None:
            raise InvalidInput(fields={"at": [_("Please give a day and an hour that are still to come.")]})
        return partial(add_follow_up, text=text, local=local, user_id=user_id)
    acts: Mapping[str, Act] = {
        "propose": propose,
        "take": partial(take_case, user_id=user_id or own_id),
        "note": partial(add_note, text=text),
        "write": partial(write_to_reporter, text=text),
    }
    if act not in acts:
        raise InvalidInput(fields={"act": [_("Please choose one of these.")]})
    return acts[act]


def _claim(group: CaseGroup, seen: str | None, now: datetime) -> None:
    """One conditional UPDATE: of two equal requests one goes on."""
    if seen is not None and seen != group.updated_at.isoformat():
        raise StaleObject()
    if not CaseGroup.objects.filter(pk=group.pk, updated_at=group.updated_at).update(updated_at=now):
        raise StaleObject()


def _result(run: Act, reference: str) -> Result:
    try:
        run()
    except DomainError as error:
        fields = [str(said) for messages in error.fields.values() for said in messages]
        return Result(reference, " ".join(fields) or str(error.message))
    return Result(reference)
