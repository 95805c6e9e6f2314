"""The codes with their words, the first page, and who one is."""

import pytest
from django.test import Client
from django.utils import timezone

from cases.workflow import PARTNER_OUTCOMES, DeclineReason
from tests.cases.api.calling import Api, referred

pytestmark = pytest.mark.django_db
LISTS = ("categories", "regions", "languages", "decline-reasons", "outcomes")


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_word_in_three_languages(caller: Api, name: str) -> None:
    rows = caller.get(f"reference/{name}/").json()["results"]
    assert rows
    for row in rows:
        assert set(row["labels"]) == {"az", "ru", "en"}
        assert all(row["labels"].values()), row


def test_the_codes_are_those_that_the_api_speaks(caller: Api) -> None:
    def codes(name: str) -> set[str]:
        return {row["code"] for row in caller.get(f"reference/{name}/").json()["results"]}

    assert len(codes("categories")) == 16
    assert codes("decline-reasons") == set(DeclineReason.values)
    assert codes("outcomes") == set(PARTNER_OUTCOMES)


def test_subcodes_stand_with_their_category(caller: Api) -> None:
    rows = caller.get("reference/categories/").json()["results"]
    wages = next(row for row in rows if row["code"] == "WRK")
    assert "UNPAID" in [row["code"] for row in wages["subcodes"]]


@pytest.mark.parametrize("name", LISTS)
def test_what_one_has_is_not_sent_again(caller: Api, name: str) -> None:
    first = caller.get(f"reference/{name}/")
    again = caller.get(f"reference/{name}/", **{"if-none-match": first.headers["ETag"]})
    assert first.headers["Cache-Control"] == "private, max-age=3600"
    assert (again.status_code, again.content) == (304, b"")


def test_the_root_says_where_everything_is() -> None:
    root = Client().get("/api/v1/").json()
    assert root["token"].endswith("/oauth/token/")
    assert set(root["docs"]) == {"az", "ru", "en"}
    for address in (root["schema"], *root["docs"].values()):
        assert Client().get(address).status_code == 200


def test_me_says_how_the_partner_stands(caller: Api) -> None:
    referred(caller, "accepted")
    me = caller.get("me/").json()
    assert me["partner"]["id"] == str(caller.partner and caller.partner.pk)
    assert (me["capacity"]["limit"], me["capacity"]["load"], me["capacity"]["free"]) == (9, 1, 8)
    assert [agreement["is_valid"] for agreement in me["agreements"]] == [True]


def test_me_says_when_an_agreement_has_ended(caller: Api) -> None:
    assert caller.partner is not None
    version = caller.partner.agreements.get().versions.get()
    version.valid_until = timezone.now().date().replace(year=timezone.now().year - 1)
    version.valid_from = version.valid_until
    version.save()
    assert [agreement["is_valid"] for agreement in caller.get("me/").json()["agreements"]] == [False]
