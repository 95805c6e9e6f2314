"""What a person's answers add up to; and in doubt it is no."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.models import Consent
from intake.queries import ConsentInForce, consents_in_force
from intake.queries.consent import add_up

A, B = UUID(int=1), UUID(int=2)


def share(answer: str, body: UUID | None = None) -> Consent:
    return Consent(question="share", answer=answer, recipient_id=body)


def cross(answer: str) -> Consent:
    return Consent(question="cross_border", answer=answer)


def group(name: str, answer: str = "yes") -> Consent:
    return Consent(question="group", data_group=name, answer=answer)


@pytest.mark.parametrize(
    ("rows", "offer", "a", "b"),
    [
        ([], True, False, False),  # no answer counts as "ask me first"
        ([share("any")], True, True, True),
        ([share("ask_first")], True, False, False),
        ([share("none")], False, False, False),
        ([share("ask_first"), share("any", A)], True, True, False),
        ([share("ask_first"), share("none", A)], True, False, False),
        ([share("any"), share("none", A)], True, False, True),
        ([share("any", A)], True, True, False),
        ([share("any", A), share("none", A)], True, False, False),
        ([share("none", A), share("any", A)], True, True, False),
        ([share("any", A), share("none")], False, False, False),
        ([share("any", A), share("none"), share("ask_first")], True, False, False),  # a yes does not come back
        ([share("any"), share("none", A), share("none"), share("any")], True, False, True),  # a no to A stays
        ([share("any"), share("none")], False, False, False),
        ([share("none"), share("any", A)], False, False, False),  # a general no is stronger
    ],
)
def test_the_newest_answer_holds(rows: list[Consent], offer: bool, a: bool, b: bool) -> None:
    consent = add_up(rows)
    assert consent.allows_offer is offer
    assert (consent.allows_disclosure_to(A), consent.allows_disclosure_to(B)) == (a, b)


def test_a_body_that_was_refused_is_not_offered_the_case_again() -> None:
    consent = add_up([share("ask_first"), share("none", A)])
    assert not consent.allows_offer_to(A) and consent.allows_offer_to(B)
    assert not add_up([share("none"), share("any", A)]).allows_offer_to(A)


def test_nothing_is_shown_and_no_border_crossed_without_a_yes() -> None:
    assert add_up([share("any")]) == ConsentInForce(share="any", cross_border=False, groups=frozenset(), per_body={})


def test_groups_and_border_follow_the_newest_answer() -> None:
    consent = add_up([group("story"), group("contact"), cross("yes"), group("story", "no"), cross("no")])
    assert consent.groups == {"contact"} and not consent.cross_border
    assert add_up([group("story", "no"), group("story")]).groups == {"story"}


@pytest.mark.django_db
def test_many_reports_cost_one_statement_and_none_hears_of_another(
    entry: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    from intake.actions.submit_report import ConsentEntry, submit_report

    ids = [submit_report(entry=entry(consent=ConsentEntry(share=s)), now=now).report_id for s in ("any", "none", "")]
    Consent.objects.create(
        report_id=ids[0],
        question="share",
        answer="ask_first",
        text_version=3,
        language="az",
        how="mailbox",
        given_at=now + timedelta(seconds=1),
    )
    with django_assert_num_queries(1):
        found = consents_in_force(ids)
    assert [found[report_id].share for report_id in ids] == ["ask_first", "none", "ask_first"]
