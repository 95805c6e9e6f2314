"""The page that stands for every error, also of the console and when nothing else works."""

import pytest
from django.test import RequestFactory
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
