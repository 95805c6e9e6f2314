"""Signed-in browsers, and what every page test begins with."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cases.models import User


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    """What these tests ask comes after signing in; tests of the second factor switch it on again."""
    settings.SECOND_FACTOR_REQUIRED = False
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns where nothing was collected


def signed_in(user: User, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client
