"""Partners, notifications, duty, figures, accounts, access records: what each shows, does and refuses."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.utils import timezone

from cases.models import Case, DutyShift, OutboxMessage, PartnerClient, User
from cases.queries.rota import holes, rota
from intake.models import AccessRecord
from tests.cases.arrange import on_duty, opened, partner, staff
from tests.cases.web.conftest import signed_in
from workers.examination import duty_is_covered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


# --- partners and their API clients ---------------------------------------------------------------------------------
def test_a_new_client_shows_its_secret_once_and_keeps_only_a_hash(now: datetime) -> None:
    owner, client = partner("AZ"), signed_in(staff("partner_coordinator", language="en"))
    page = client.post(f"/console/partners/{owner.slug}/clients/", {"name": "Desk", "scopes": ["cases:read"]})
    row = PartnerClient.objects.get()
    secret = page.context["new"].secret
    assert secret in page.content.decode()
    assert secret not in row.client_secret
    assert row.scopes == ["cases:read"]
    assert secret not in client.get(f"/console/partners/{owner.slug}/").content.decode()


def test_a_scope_nobody_knows_makes_no_client() -> None:
    owner, client = partner("AZ"), signed_in(staff("partner_coordinator"))
    answer = client.post(f"/console/partners/{owner.slug}/clients/", {"name": "x" * 200, "scopes": ["admin:all"]})
    assert answer.status_code == 422
    assert not PartnerClient.objects.exists()


def test_a_revoked_client_is_out() -> None:
    owner, client = partner("AZ"), signed_in(staff("partner_coordinator"))
    client.post(f"/console/partners/{owner.slug}/clients/", {"name": "Desk", "scopes": ["cases:read"]})
    client.post(f"/console/partners/{owner.slug}/clients/{PartnerClient.objects.get().pk}/revoke/")
    assert PartnerClient.objects.get().revoked_at is not None


def test_a_caseworker_reads_partners_and_sees_no_client() -> None:
    owner = partner("AZ")
    page = signed_in(staff(language="en")).get(f"/console/partners/{owner.slug}/").content
    assert b"Invented partner" in page
    assert b"API clients" not in page


def test_a_missing_memorandum_is_said_on_the_page() -> None:
    page = signed_in(staff(language="en")).get("/console/partners/").content
    assert b"There is no memorandum" in page


# --- notifications ----------------------------------------------------------------------------------------------------
def dead_message(now: datetime, **columns: Any) -> OutboxMessage:
    values: dict[str, Any] = {"case": opened(now), "kind": "urgent_case", "audience": "staff", "channel": "email"}
    values |= {"language": "en", "dedupe_key": "k", "state": "dead", "attempts": 9, "finished_at": now}
    return OutboxMessage.objects.create(next_attempt_at=now, created_at=now, **(values | columns))


def test_what_gave_up_is_listed_and_sent_again_once(now: datetime) -> None:
    message, client = dead_message(now), signed_in(staff("supervisor", language="en"))
    assert b"Send again" in client.get("/console/deliveries/?tab=dead").content
    for said in (b"It will be sent again now", b"already sent this again"):
        page = client.post(f"/console/deliveries/{message.pk}/again/", follow=True).content
        assert said in page
    message.refresh_from_db()
    assert (message.state, message.attempts, message.finished_at) == ("due", 9, None)
    assert message.next_attempt_at <= timezone.now()


@pytest.mark.parametrize("query", ["tab=x", "after=zz", "tab=%00"])
def test_an_unknown_list_of_notifications_is_said_so(query: str) -> None:
    assert signed_in(staff("supervisor")).get(f"/console/deliveries/?{query}").status_code == 422


# --- duty -------------------------------------------------------------------------------------------------------------
def test_a_time_without_anybody_is_a_hole(now: datetime) -> None:
    on_duty(staff(), now)
    stretches = rota("AZ", now, days=1)
    assert [bool(one.shift) for one in stretches] == [True, False]
    assert stretches[1].starts_at == now + timedelta(hours=1)
    assert holes("RU", now, days=1)[0].ends_at == now + timedelta(days=1)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"roles": ["partner_coordinator"]}])
def test_the_shift_of_somebody_who_cannot_be_alarmed_any_more_is_a_hole(now: datetime, gone: dict[str, Any]) -> None:
    person, supervisor = staff(), staff("supervisor")
    on_duty(person, now)
    on_duty(supervisor, now + timedelta(hours=2))
    assert holes("AZ", now, days=1)[0].starts_at == now + timedelta(hours=3)
    type(person).objects.filter(pk=person.pk).update(**gone)
    hole = holes("AZ", now, days=1)[0]
    assert (hole.starts_at, hole.ends_at) == (now, now + timedelta(hours=1))
    assert any("from 2026-11-24 08:00 UTC" in one.what for one in duty_is_covered(now))


def test_a_supervisor_adds_a_shift_in_their_own_time() -> None:
    person, client = staff(), signed_in(staff("supervisor", timezone="Asia/Baku"))
    day = (timezone.now() + timedelta(days=1)).date()
    given = {"user": person.pk, "starts_at": f"{day}T08:00", "ends_at": f"{day}T20:00"}
    assert client.post("/console/duty/add/", given).status_code == 302
    assert DutyShift.objects.get().starts_at.hour == 4  # UTC


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": "2020-01-01T00:00"},
        {"starts_at": "x"},
        {"starts_at": "0001-01-01T00:00", "ends_at": "9999-12-31T23:59"},
        {"user": "nobody"},
    ],
)
def test_a_shift_that_cannot_be_is_refused(change: dict[str, str]) -> None:
    day = (timezone.now() + timedelta(days=1)).date()
    given = {"user": staff().pk, "starts_at": f"{day}T08:00", "ends_at": f"{day}T20:00"} | change
    assert signed_in(staff("supervisor")).post("/console/duty/add/", given).status_code == 422
    assert not DutyShift.objects.exists()


# --- figures ----------------------------------------------------------------------------------------------------------
def many(now: datetime, category: str, number: int) -> None:
    for _ in range(number):
        opened(now, category=category)


def figures(now: datetime, side: str = "AZ", directions: tuple[int, ...] = (3,)) -> Any:
    client = signed_in(staff("working_group_member", side, directions=list(directions), language="en"))
    return client.get("/console/figures/?quarter=2026-Q4&country=RU").content.decode()


def test_small_numbers_are_hidden_and_both_sides_see_the_same(now: datetime) -> None:
    many(now, "WRK", 6)
    many(now, "HOU", 4)
    page = figures(now)
    assert ">6</td>" in page
    assert "HOU" not in page
    assert "Numbers hidden in this table" in page
    table = page[page.index("<table") : page.index("</table>")]
    assert table in figures(now, "RU")


def test_a_member_sees_the_categories_of_their_directions(now: datetime) -> None:
    many(now, "WRK", 6)
    many(now, "EDU", 7)
    assert ">7</td>" in figures(now, directions=(2,))
    assert ">6</td>" not in figures(now, directions=(2,))


@pytest.mark.parametrize("query", ["quarter=x", "country=XX", "quarter=0000-Q1", "quarter=2026-Q4&country=%00"])
def test_figures_of_nowhere_are_said_to_be_none(query: str) -> None:
    client = signed_in(staff("working_group_member", directions=[3]))
    assert client.get(f"/console/figures/?{query}").status_code == 422


# --- accounts ---------------------------------------------------------------------------------------------------------
ACCOUNT = {"name": "New Person", "email": "new@example.org", "roles": ["caseworker"], "language": "az"}


def test_a_new_account_has_no_password_but_a_link_that_sets_one() -> None:
    client = signed_in(staff("administrator"))
    page = client.post("/console/accounts/add/", ACCOUNT)
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert user.side == "AZ"
    link = page.context["new_link"]
    assert client.get(link, follow=True).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"roles": ["supervisor"]},
        {"roles": ["auditor"]},
        {"roles": ["administrator", "caseworker"]},
        {"roles": ["working_group_member"]},
        {"roles": []},
        {"email": "no address"},
        {"email": "TAKEN@example.org"},
        {"name": " "},
    ],
)
def test_an_account_that_may_not_be_is_refused(change: dict[str, Any]) -> None:
    User.objects.create_user("taken@example.org", name="x", side="RU")
    answer = signed_in(staff("administrator")).post("/console/accounts/add/", ACCOUNT | change)
    assert answer.status_code == 422
    assert User.objects.count() == 2


def test_a_disabled_person_is_out_at_the_next_request() -> None:
    person = staff()
    client, administrator = signed_in(person), signed_in(staff("administrator"))
    administrator.post(f"/console/accounts/{person.pk}/disable/")
    assert client.get("/console/queue/").status_code == 302


def test_nobody_disables_themselves() -> None:
    user = staff("administrator")
    signed_in(user).post(f"/console/accounts/{user.pk}/disable/")
    assert User.objects.get(pk=user.pk).is_active


def test_no_link_is_made_for_somebody_who_has_a_password() -> None:
    person = staff()
    person.set_password("a long pass phrase")
    person.save()
    assert signed_in(staff("administrator")).post(f"/console/accounts/{person.pk}/link/").status_code == 403


# --- access records and the admin -------------------------------------------------------------------------------------
def test_an_auditor_reads_who_read_and_nothing_else(now: datetime) -> None:
    case, other = opened(now, story="Canary-story"), opened(now, handler="RU")
    reader = staff()
    signed_in(reader).get(f"/console/cases/{case.reference}/")
    signed_in(staff(side="RU")).get(f"/console/cases/{other.reference}/")
    page = (
        signed_in(staff("auditor", language="en")).get(f"/console/access/?reference={case.reference}").content.decode()
    )
    assert AccessRecord.objects.count() == 2
    assert case.reference in page
    assert "read the report" in page
    assert other.reference not in page
    assert "Canary-story" not in page


def test_what_is_no_reference_is_said_so() -> None:
    client = signed_in(staff("auditor"))
    assert [client.get(f"/console/access/?{q}").status_code for q in ("reference=zz", "after=zz")] == [422, 422]


def test_the_admin_holds_reference_data_only_and_for_administrators_only() -> None:
    names = {f"{model._meta.label}" for model in admin.site._registry}
    page = signed_in(staff("administrator", is_superuser=False)).get("/admin/").content.decode()
    shown = {name for name in names if f"/admin/{name.replace('.', '/').lower()}/" in page}
    assert {"intake.ProblemCategory", "cases.RoutingPolicy", "cases.Holiday"} <= shown
    assert not {name for name in shown if name.split(".")[1] in PERSONAL}
    assert not {"auth.Group", "cases.PartnerClient", "account.EmailAddress", "mfa.Authenticator"} & shown
    assert signed_in(staff("supervisor")).get("/admin/").status_code in {302, 403}


PERSONAL = {"Case", "Report", "User", "Note", "Referral", "SafeContact", "ReportKey", "AccessRecord", "Consent"}


@pytest.mark.parametrize("role", ["caseworker", "supervisor"])
def test_empty_pages_say_what_to_do_next(role: str) -> None:
    Case.objects.all().delete()
    page = signed_in(staff(role, language="en")).get("/console/queue/").content
    assert b"Take the next one, or look at those" in page
