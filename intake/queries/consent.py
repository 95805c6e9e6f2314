"""Consent in force: what a person's answers add up to now. Nothing here is kept between requests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from django.db.models import QuerySet

from intake.compiled import Rows
from intake.models import Consent, ConsentRequest
from intake.vocabulary import ConsentAnswer, Voice

_NO_BODIES: Mapping[UUID, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ConsentInForce:
    """The default is what holds without any answer: ask first, one country, nothing shown."""

    share: str = ConsentAnswer.ASK_FIRST.value
    cross_border: bool = False
    groups: frozenset[str] = frozenset()
    # any | none, for the bodies that the person was asked about by name
    per_body: Mapping[UUID, str] = field(default_factory=lambda: _NO_BODIES)

    @property
    def allows_offer(self) -> bool:
        """An offer holds nothing personal: it may be made unless the person said no."""
        return self.share != ConsentAnswer.NONE

    def allows_offer_to(self, body_id: UUID) -> bool:
        return self.allows_offer and self.per_body.get(body_id) != ConsentAnswer.NONE

    def allows_disclosure_to(self, body_id: UUID) -> bool:
        """Whether this body may see `groups`. Says nothing about the other country: see `cross_border`."""
        if self.share == ConsentAnswer.NONE:
            return False
        return self.per_body.get(body_id, self.share) == ConsentAnswer.ANY


def consent_in_force(report_id: UUID) -> ConsentInForce:
    return add_up(_answers(report=report_id))


_answers = Rows(
    lambda report: Consent.objects.filter(report_id=report).order_by("given_at", "id"),
    report=(UUID(int=1), UUID(int=2)),
)


def consents_in_force(report_ids: Iterable[UUID]) -> dict[UUID, ConsentInForce]:
    """One statement for all of them; a report without an answer has the default."""
    wanted = list(report_ids)
    answers: dict[UUID, list[Consent]] = {report_id: [] for report_id in wanted}
    for row in Consent.objects.filter(report_id__in=wanted).order_by("given_at", "id"):
        answers[row.report_id].append(row)
    return {report_id: add_up(rows) for report_id, rows in answers.items()}


def add_up(rows: Sequence[Consent]) -> ConsentInForce:
    """What answers, oldest first, add up to. Pure on the rows.

    Where the person concerned has answered beside the reporter, the stricter of both holds; what that person was asked
    without answering stays as it is without any answer.
    """
    concerned = [row for row in rows if row.voice == Voice.AFFECTED_PERSON]
    reporter = _add_up_one([row for row in rows if row.voice != Voice.AFFECTED_PERSON])
    return stricter(reporter, _add_up_one(concerned)) if concerned else reporter


def consent_of(report_id: UUID, voice: str) -> ConsentInForce | None:
    """What one of the two has said; None when that voice has given no answer at all."""
    rows = list(Consent.objects.filter(report_id=report_id, voice=voice).order_by("given_at", "id"))
    return _add_up_one(rows) if rows else None


def stricter(one: ConsentInForce, other: ConsentInForce) -> ConsentInForce:
    """What both allow."""
    share = _less(one.share, other.share)
    per_body = {}
    for body in {*one.per_body, *other.per_body}:
        answer = _less(one.per_body.get(body, one.share), other.per_body.get(body, other.share))
        if answer != ConsentAnswer.ASK_FIRST:
            per_body[body] = answer
    return ConsentInForce(
        share=share,
        cross_border=one.cross_border and other.cross_border,
        groups=one.groups & other.groups,
        per_body=MappingProxyType(per_body),
    )


_OPENNESS = (ConsentAnswer.NONE.value, ConsentAnswer.ASK_FIRST.value, ConsentAnswer.ANY.value)


def _less(one: str, other: str) -> str:
    return min(one, other, key=_OPENNESS.index)


def _add_up_one(rows: Sequence[Consent]) -> ConsentInForce:
    """Of one voice. A general no takes back every earlier yes to a single body, for good: after a later "ask me first"
    each is asked again. A no to a single body stays until the person says yes to that body.
    """
    share = ConsentAnswer.ASK_FIRST.value
    cross_border = False
    groups: set[str] = set()
    per_body: dict[UUID, str] = {}
    for row in rows:
        if row.question == Consent.Question.CROSS_BORDER:
            cross_border = row.answer == "yes"
        elif row.question == Consent.Question.GROUP:
            (groups.add if row.answer == "yes" else groups.discard)(row.data_group)
        elif row.recipient_id is not None:
            per_body[row.recipient_id] = row.answer
        else:
            share = row.answer
            if share == ConsentAnswer.NONE:
                per_body = {body: answer for body, answer in per_body.items() if answer == ConsentAnswer.NONE}
    return ConsentInForce(share, cross_border, frozenset(groups), MappingProxyType(per_body))


def open_consent_request(report_id: UUID, body_id: UUID) -> ConsentRequest | None:
    return open_consent_requests(report_id).filter(body_id=body_id).first()


def open_consent_requests(report_id: UUID) -> QuerySet[ConsentRequest]:
    return ConsentRequest.objects.filter(report_id=report_id, answered_at__isnull=True, closed_at__isnull=True)
