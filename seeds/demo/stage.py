"""One report on the demo's stage: its case, and who plays which part in it."""

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from cases.actions.record import Actor
from cases.errors import DomainError, NotFound
from cases.models import Case, PartnerOrganisation, Referral, User
from cases.workflow import ASSIGNED, ReferralState
from intake.compiled import Rows
from intake.vocabulary import Side

from .source import SHOWCASE_PARTNER


@dataclass(frozen=True, slots=True)
class Stage:
    """`side`: that to which it came. `worker_id`: the caseworker of that side who takes it up, unless somebody else is
    responsible. `others`: the hand-written reports by their key."""

    case_id: UUID
    report_id: UUID
    language: str
    side: str
    worker_id: UUID
    others: dict[str, "Stage"] = field(repr=False)

    @property
    def case(self) -> Case:
        return _case(case=self.case_id)[0]

    def other(self, key: str) -> "Stage":
        """Raises NotFound while that report has not come."""
        if key not in self.others:
            raise NotFound()
        return self.others[key]

    @property
    def worker(self) -> Actor:
        """Whoever is responsible; before anybody is, whoever will take it."""
        return Actor("staff", self.case.responsible_id or self.worker_id)

    @property
    def supervisor(self) -> Actor:
        return in_role("supervisor", self.side)

    def offer(self) -> Referral:
        """An offer that waits for an answer, of two that of the partner whose client the card prints."""
        return self._referral({ReferralState.OFFERED})

    def in_hand(self) -> Referral:
        """What a partner has accepted."""
        return self._referral(ASSIGNED)

    def _referral(self, states: set[str] | frozenset[str]) -> Referral:
        rows = Referral.objects.filter(case_id=self.case_id, state__in=states).select_related("partner")
        found = sorted(rows, key=lambda row: (row.partner.slug != SHOWCASE_PARTNER, -row.offered_at.timestamp()))
        if not found:
            raise NotFound()
        return found[0]


_case = Rows(lambda case: Case.objects.filter(pk=case), case=(UUID(int=1), UUID(int=2)))


def caseworkers() -> dict[str, list[UUID]]:
    """The two of each side, in one order."""
    people = User.objects.filter(is_demo=True).order_by("email")
    return {side: [user.pk for user in people if user.side == side and "caseworker" in user.roles] for side in Side}


def in_role(role: str, side: str) -> Actor:
    """The demo's person of this role. Each side has one supervisor and one coordinator."""
    people = User.objects.filter(is_demo=True, side=side).order_by("email")
    return Actor("staff", next(user.pk for user in people if role in user.roles))


def partner_named(slug: str) -> PartnerOrganisation:
    return PartnerOrganisation.objects.defer("phone").get(slug=slug)


def tolerated() -> AbstractContextManager[None]:
    """In life too somebody is quicker, or a place is gone: then this act does not happen."""
    return suppress(DomainError)
