"""The page that stands for every error, also of the console and when nothing else works."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from cases.web import errors


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_it_needs_no_database_and_repeats_nothing_that_was_asked(rf: RequestFactory, language: str) -> None:
    with translation.override(language):  # without the db fixture a statement would fail this test
        response = errors.server_error(rf.get("/az/p/3/?name=Canary"))
    page = response.content.decode()
    assert response.status_code == 500
    assert f'<html lang="{language}">' in page and "Körpü" in page
    assert "Canary" not in page


@pytest.mark.parametrize("language", ["az", "ru", "en"])
@pytest.mark.parametrize("place", ["nowhere/", "page/add/99/x/"])
def test_on_the_public_pages_leave_quickly_stands_first_there_too(client: Client, language: str, place: str) -> None:
    answer = client.get(f"/{language}/{place}")
    body = answer.content.decode().partition("<body>")[2]
    assert answer.status_code == 404
    assert body.partition("href=")[2].startswith(f'"/{language}/leave/"')
    assert f'<a class="button second" href="/{language}/">' in body


@pytest.mark.parametrize("place", ["/console/nowhere/", "/account/nowhere/"])
@pytest.mark.django_db
def test_staff_are_led_back_to_their_own_pages(client: Client, place: str) -> None:
    body = client.get(place).content.decode()
    assert '<a class="button second" href="/console/">' in body and "/leave/" not in body
