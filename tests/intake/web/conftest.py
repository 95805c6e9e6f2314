"""A person with a browser at the public pages, and the reference data as it is shipped."""

import pytest
from django.test import Client

from .person import Person


@pytest.fixture
def person(reference: None) -> Person:
    return Person(Client(), "en")


@pytest.fixture
def reporting(person: Person) -> Person:
    """Has answered the two questions without which nothing can be sent."""
    person.begin()
    person.answer("country", country="RU")
    person.answer("category", category="WRK")
    return person
