"""What every test of workers shares: receivers on loopback, and no memory of how quick they were."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.cases.routing_world import make_reference
from tests.workers.arrange import Post
from workers import pace


@pytest.fixture(autouse=True)
def nobody_is_known() -> Iterator[None]:
    pace.forget()
    yield
    pace.forget()


@pytest.fixture
def world(db: None) -> None:
    make_reference()


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A real SMTP server to which the workers send."""
    with Post().listening() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


@pytest.fixture
def rng() -> Random:
    return Random(1)
