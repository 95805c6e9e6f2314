"""Links, merges and groups on the console: references and codes for the own side, nothing for anybody else."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.actions.add_note import add_note
from cases.actions.group_cases import group_cases, write_group_note
from cases.actions.know_person import know_person
from cases.actions.link_cases import decide_link
from cases.actions.merge_cases import merge_cases
from cases.models import (
    Case,
    CaseGroup,
    CaseLink,
    FollowUp,
    Merge,
    OutboxMessage,
    PartnerChange,
    TimelineEvent,
    User,
)
from intake.actions.messages import post_message
from intake.encryption import receipt_code_key
from intake.models import Report
from intake.queries.everything import everything_of
from intake.references import hash_code, new_receipt_code
from intake.web.archive import archive
from intake.web.copy_words import copy_words
from tests.cases.arrange import acting, in_state, opened, partner, referral, staff
from tests.cases.links_arrange import ACTOR, PHONE, compared, two
from tests.cases.web.conftest import signed_in
from tests.intake.web.person import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def client() -> Client:
    return signed_in(staff(language="en"))


def where(case: Case, act: str = "") -> str:
    return f"/console/cases/{case.reference}/{act}"


def post(client: Client, case: Case, act: str, **fields: str) -> Any:
    case.refresh_from_db()
    return client.post(where(case, f"{act}/"), {"seen": case.updated_at.isoformat(), **fields})


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_suggestion_names_the_reference_and_the_ground_and_no_person(client: Client, now: datetime) -> None:
    one, other = two(now, contact=PHONE, identity={"name": "Canary Person"}, actor_name="Canary Actor")
    compared(now)
    page = html(client, where(one))
    assert other.reference in page and "telephone is the same" in page
    assert "Canary Person" not in page and page.count("Canary Actor") <= 1  # once: in the person's own words


def test_confirming_refusing_and_taking_back_from_the_page(client: Client, now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    for state in ("confirmed", "undone", "confirmed"):
        answer = post(client, one, "link", reference=other.reference, kind="same_person", state=state)
        assert answer.status_code == 302
        assert CaseLink.objects.get().state == state
    assert post(client, one, "link", reference="nonsense", kind="same_person", state="confirmed").status_code == 422


def test_a_stale_form_changes_nothing(client: Client, now: datetime) -> None:
    one, other = two(now)
    for act, fields in (
        ("link", {"reference": other.reference, "kind": "same_person", "state": "confirmed"}),
        ("merge", {"reference": other.reference}),
        ("group", {"reference": other.reference}),
    ):
        assert client.post(where(one, f"{act}/"), {"seen": "2026-01-01", **fields}).status_code == 412
    assert not CaseLink.objects.exists() and not Merge.objects.exists() and not CaseGroup.objects.exists()


def test_another_sides_case_and_an_invented_one_are_refused_in_the_same_words(client: Client, now: datetime) -> None:
    one, of_russia = opened(now), opened(now, handler="RU")
    invented = one.reference[:-1] + ("A" if one.reference[-1] != "A" else "B")
    for act, fields in (("merge", {}), ("group", {}), ("link", {"kind": "same_actor", "state": "confirmed"})):
        answers = [post(client, one, act, reference=name, **fields) for name in (of_russia.reference, invented)]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert all("There is no such case." in answer.content.decode() for answer in answers)


def test_merging_and_giving_back_from_the_page(client: Client, now: datetime) -> None:
    case, into = two(now)
    assert post(client, case, "merge", reference=into.reference).status_code == 302
    post_message(report_id=case.report_id, text="Canary words", submission_key="a", now=now)
    main = html(client, where(into))
    assert case.reference in main and "unread messages: 1" in main and "Canary words" not in main
    assert into.reference in html(client, where(case)) and "Canary words" in html(client, where(case))
    assert "unread messages" not in html(client, where(into))
    refused = post(client, into, "merge", reference=case.reference)
    assert refused.status_code == 409 and "itself merged" in refused.content.decode()
    assert post(client, case, "unmerge", reason="by_mistake").status_code == 302
    assert post(client, case, "unmerge", reason="by_mistake").status_code == 409
    assert Case.objects.get(pk=case.pk).state == "triage"


def test_a_group_has_a_page_with_references_only_and_its_acts(client: Client, now: datetime) -> None:
    one, other = two(now, identity={"name": "Canary Person"}, story="Canary story", **ACTOR)
    assert post(client, one, "group", reference=other.reference).status_code == 302
    group = CaseGroup.objects.get()
    address = f"/console/groups/{group.pk}/"
    assert client.post(f"{address}note/", {"text": "Canary note"}).status_code == 302
    page = html(client, address)
    assert one.reference in page and other.reference in page and "Canary note" in page
    assert "Canary Person" not in page and "Canary story" not in page and "Vüqar" not in page
    group.refresh_from_db()
    form = {"seen": group.updated_at.isoformat(), "act": "take", "cases": [str(one.pk), str(other.pk)]}
    done = client.post(f"{address}act/", form)
    assert done.status_code == 200 and done.content.decode().count(": done") == 2
    assert client.post(f"{address}act/", form).status_code == 412
    assert post(client, one, "ungroup").status_code == 302
    assert one.reference not in html(client, address)


def test_a_partial_failure_is_shown_case_by_case(client: Client, now: datetime) -> None:
    one, other = two(now)
    group = group_cases(case_id=one.pk, other_id=other.pk, by=acting(staff()), now=now)
    in_state(other, "closed")
    form = {"seen": now.isoformat(), "act": "propose", "cases": [str(one.pk), str(other.pk)]}
    page = client.post(f"/console/groups/{group.pk}/act/", form).content.decode()
    assert "done" in page and "This is not possible in the present state." in page


def test_a_follow_up_for_the_group_is_entered_once(client: Client, now: datetime) -> None:
    one, other = two(now)
    group = group_cases(case_id=one.pk, other_id=other.pk, by=acting(staff()), now=now)
    form = {"seen": now.isoformat(), "act": "follow_up", "text": "Ask the court", "cases": [str(one.pk), str(other.pk)]}
    refused = client.post(f"/console/groups/{group.pk}/act/", form)
    assert refused.status_code == 422 and "still to come" in refused.content.decode()
    form["at"] = f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    done = client.post(f"/console/groups/{group.pk}/act/", form)
    assert done.content.decode().count(": done") == 2 and FollowUp.objects.count() == 2


def test_who_knows_one_of_them_sees_neither_group_nor_link(now: datetime) -> None:
    one, other = two(now, contact=PHONE)
    compared(now)
    user: User = staff(language="en")
    group = group_cases(case_id=one.pk, other_id=other.pk, by=acting(user), now=now)
    know_person(case_id=other.pk, by=acting(user), now=now)
    client = signed_in(user)
    page = html(client, where(one))
    assert other.reference not in page and str(other.pk) not in page and str(group.pk) not in page
    assert client.get(f"/console/groups/{group.pk}/").status_code == 404


def everything_happened(now: datetime) -> tuple[Case, Case]:
    """Every kind of link, a group with a note, and a merge with words on both sides."""
    one = opened(now, contact=PHONE, story="Canary mine", **ACTOR)
    other = opened(now, contact=PHONE, story="Canary their story", **ACTOR)
    who: dict[str, Any] = {"by": acting(staff()), "now": now}
    referral(other, partner(), now, state="accepted")
    compared(now)
    for kind in ("same_person", "same_incident", "same_actor"):
        decide_link(case_id=one.pk, other_id=other.pk, kind=kind, state="confirmed", **who)
    group = group_cases(case_id=one.pk, other_id=other.pk, **who)
    write_group_note(group_id=group.pk, text="Canary shared note", **who)
    add_note(case_id=other.pk, text="Canary their note", **who)
    post_message(report_id=other.report_id, text="Canary their words", submission_key="a", now=now)
    merge_cases(case_id=one.pk, into_id=other.pk, **who)
    return one, other


def page_and_copy(case: Case) -> str:
    """What the person reads with the code, in the browser and in the archive to take along."""
    code = new_receipt_code()
    Report.objects.filter(pk=case.report_id).update(code_hash=hash_code(code, key=receipt_code_key()))
    person = Person(Client(), "en")
    assert person.open_page(code).status_code == 303
    read = [person.get(place).content.decode() for place in ("page/", "page/seen/", "page/share/")]
    held = everything_of(case.report_id)
    words = copy_words(held, "en", UTC, now=timezone.now())
    packed = zipfile.ZipFile(io.BytesIO(b"".join(archive(words, [], held.key))))
    return "\n".join([*read, *(packed.read(name).decode() for name in ("index.html", "text.txt"))])


def test_a_reporters_page_and_copy_hold_nothing_of_the_other_person(now: datetime) -> None:
    one, other = everything_happened(now)
    group = CaseGroup.objects.get()
    for mine, theirs, words in ((one, other, "Canary their"), (other, one, "Canary mine")):
        read = page_and_copy(mine)
        assert mine.reference in read
        for secret in (theirs.reference, theirs.pk, theirs.report_id, group.pk, words, "Canary shared"):
            assert str(secret) not in read, secret


def test_no_row_that_leaves_us_names_the_other_case(now: datetime) -> None:
    one, other = everything_happened(now)
    secrets = (one.reference, str(one.pk), str(CaseGroup.objects.get().pk))
    assert not PartnerChange.objects.exists()  # the partner of the other case hears of nothing
    rows = [json.dumps(row.params) for row in OutboxMessage.objects.filter(audience__in=["partner", "reporter"])]
    assert not [text for text in rows if any(secret in text for secret in (*secrets, other.reference))]
    said = json.dumps(list(TimelineEvent.objects.values_list("details", flat=True)))
    assert "Canary" not in said and one.reference not in said and other.reference not in said


def test_the_panels_cost_no_more_with_many_links(
    client: Client, now: datetime, django_assert_max_num_queries: Any
) -> None:
    one = opened(now, contact=PHONE)
    html(client, where(one))
    counts = []
    for _ in range(2):
        for _one in range(3):
            opened(now - timedelta(hours=1), contact=PHONE)
        compared(now)
        with django_assert_max_num_queries(60) as captured:
            html(client, where(one))
        counts.append(len(captured))
    assert counts[0] == counts[1]
