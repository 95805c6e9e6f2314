"""What becomes of a report for which nothing was written: everybody does what they usually do, when they get to it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from cases.models import Referral
from cases.workflow import CaseState, ReferralState
from intake.queries import current_contact, open_consent_requests

from . import partner_acts, reporter_acts, staff_acts, supervisor_acts
from .source import SHOWCASE_PARTNER, read
from .stage import Stage, tolerated

if TYPE_CHECKING:
    from .story import Story

LEFT_OPEN = timedelta(hours=20)
ADVISED = 0.45  # of the earlier ones that are not urgent: our own people answer, no partner is asked
EARLIER = timedelta(days=5)  # what came before has mostly been looked at, answered and ended
_TRIAGED = {1: (0.05, 0.6), 2: (0.5, 3.0), 3: (2.0, 20.0), 4: (2.0, 20.0)}  # hours, by urgency
_TO_CONTACT = {1: 4.0, 2: 24.0, 3: 72.0, 4: 168.0}  # hours that clocks.csv allows
_REASONS = ("out_of_mandate", "language", "insufficient_information", "out_of_area")
_OUTCOMES = {"resolved_full": 9, "resolved_partial": 4, "advice_given": 4, "referred_on": 1, "returned_home": 1}


class Chance:
    def __init__(self, story: "Story", stage: Stage) -> None:
        self._story, self._stage, self._rng = story, stage, story.rng
        self._is_resolving = False

    def begin(self, at: datetime) -> None:
        urgency = self._stage.case.urgency
        if urgency > 2 and self._is_earlier(at) and self._rng.random() < ADVISED:
            self._later(at, _TRIAGED[urgency], staff_acts.triage, next_step="in_progress")
            return self._end_ourselves(at)
        if self._rng.random() < 0.9 or self._story.now - at > LEFT_OPEN:
            self._later(at, _TRIAGED[urgency], staff_acts.triage)
        if self._stage.case.share == "none":
            self._end_ourselves(at)
        elif self._is_earlier(at):
            self._later(at, (110.0, 200.0), self._look_again)
        if self._rng.random() < 0.2:
            self._later(at, (3.0, 40.0), staff_acts.write, text=self._words("ask"))
            if self._rng.random() < 0.7:
                self._later(at, (41.0, 70.0), reporter_acts.message, text=self._words("reply"))
        return None

    def routed(self, at: datetime) -> None:
        case = self._stage.case
        is_soon = self._rng.random() < 0.9 or self._story.now - at > LEFT_OPEN
        if case.state == CaseState.TRIAGE and case.responsible_id and is_soon:
            self._later(at, (0.1, 2.0), staff_acts.offer)
        is_ours = not self._is_resolving and (self._is_earlier(at) or self._rng.random() < 0.6)
        if case.state == CaseState.UNROUTED and is_ours:
            self._end_ourselves(at)

    def offered(self, referral: Referral) -> None:
        hours = (referral.answer_due_at - referral.offered_at).total_seconds() / 3600
        moment = referral.offered_at + timedelta(hours=self._rng.uniform(0.1, 0.8) * hours)
        self._story.plan(moment, partial(self._answer, referral))

    def _answer(self, referral: Referral, at: datetime) -> None:
        if not Referral.objects.filter(pk=referral.pk, state=ReferralState.OFFERED).exists():
            return
        is_shown = referral.partner.slug == SHOWCASE_PARTNER
        if is_shown and self._story.now - at < LEFT_OPEN:
            return  # for whoever tries the demo to answer
        luck = self._rng.random()
        if luck < 0.76 or is_shown:
            self._do(partner_acts.accept, at)
            self._accepted(at, referral)
        elif luck < 0.92:
            self._do(partner_acts.decline, at, reason=self._rng.choice(_REASONS))

    def _accepted(self, at: datetime, referral: Referral) -> None:
        row = Referral.objects.filter(pk=referral.pk, state=ReferralState.ACCEPTED).first()
        if row is None:
            return
        if open_consent_requests(self._stage.report_id).exists():
            answer = "yes" if self._rng.random() < 0.85 else "no"
            self._later(at, (1.0, 20.0), reporter_acts.answer_consent, answer=answer)
            at += timedelta(hours=20)
        hours = _TO_CONTACT[row.urgency]
        self._later(at, (0.05 * hours, 0.7 * hours), self._contacted)

    def _contacted(self, _stage: Stage, at: datetime) -> None:
        if open_consent_requests(self._stage.report_id).exists():
            return self._later(at, (4.0, 20.0), self._contacted)
        if self._rng.random() < 0.2:
            partner_acts.contact(self._stage, at, reached="no")
            return self._later(at, (2.0, 20.0), self._contacted)
        partner_acts.contact(self._stage, at)
        if self._rng.random() < 0.06:
            self._later(at, (91.0, 140.0), partner_acts.erased)
            return self._later(at, (20.0, 90.0), partner_acts.give_case_back, reason="out_of_mandate")
        words = {"note": self._words("progress"), "next_step": self._words("next"), "days": self._rng.randint(2, 9)}
        self._later(at, (4.0, 60.0), partner_acts.progress, **words)
        return self._later(at, (70.0, 420.0), self._completed)

    def _completed(self, _stage: Stage, at: datetime) -> None:
        outcome = self._rng.choices(list(_OUTCOMES), weights=list(_OUTCOMES.values()))[0]
        if outcome == "returned_home" and self._stage.case.category_id in {"EDU", "WRK", "SCM", "OTH"}:
            outcome = "advice_given"
        if self._stage.in_hand().state == ReferralState.CONTACTED:
            partner_acts.progress(self._stage, at, note=self._words("progress"))
        partner_acts.complete(self._stage, at, outcome=outcome, summary=self._words("summary"))
        self._close(at)

    def _look_again(self, _stage: Stage, at: datetime) -> None:
        """What nobody has taken after days is not left lying."""
        if self._stage.case.state in {CaseState.TRIAGE, CaseState.UNROUTED} and not self._is_resolving:
            self._end_ourselves(at)

    def _end_ourselves(self, at: datetime) -> None:
        """Within the time after which a case of our own is looked at again, or a little later."""
        self._is_resolving = True
        days = 0.5 * self._stage.case.urgency
        self._later(at, (8.0 * days, 20.0 * days), staff_acts.write, text=self._words("advice"))
        outcome = self._rng.choice(["advice_given", "advice_given", "referred_on"])
        self._later(at, (24.0 * days, 60.0 * days), staff_acts.resolve, outcome=outcome)
        self._close(at + timedelta(hours=60.0 * days))

    def _close(self, at: datetime) -> None:
        if current_contact(self._stage.report_id) is not None and self._rng.random() < 0.3:
            self._later(at, (1.0, 14.0), reporter_acts.message, text=self._words("thanks"))
        self._later(at, (15.0, 80.0), staff_acts.close)
        if self._rng.random() < 0.85:
            self._later(at, (90.0, 130.0), supervisor_acts.closing_approved)

    def _is_earlier(self, at: datetime) -> bool:
        return self._story.now - at > EARLIER

    def _words(self, occasion: str) -> str:
        """In the language of whoever reads them: the person's own, or that of the side's people."""
        spoken = self._stage.side.lower() if occasion in {"progress", "summary"} else self._stage.language
        return str(self._rng.choice(read("phrases")[occasion][spoken]))

    def _later(self, at: datetime, hours: tuple[float, float], act: Callable[..., None], **words: Any) -> None:
        self._story.later(at, hours=hours, act=partial(self._do, act, **words))

    def _do(self, act: Callable[..., None], at: datetime, **words: Any) -> None:
        with tolerated():
            act(self._stage, at, **words)
        self._story.look(self._stage, self, at, after=act.__name__)
