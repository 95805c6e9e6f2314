"""What every test shares: small fixtures of reference data, and skips that are loud about why."""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from cases.models import append_only
from cases.queries.remembered import forget_reference
from intake.queries import forget_reference_data
from tests.extent import EVERY_PAGE
from tests.migrated import make_once

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
CHROMIUM = shutil.which("chromium")
JAVA = shutil.which("java")


def pytest_configure() -> None:
    """Every test client would list all static files anew, which takes longer than most requests."""
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_postgres = bool(os.environ.get("DATABASE_URL"))
    for item in items:
        if item.get_closest_marker("postgres") and not on_postgres:
            # Never required here: .ci/run runs the whole suite a second time with DATABASE_URL.
            item.add_marker(pytest.mark.skip(reason="NOT RUN: set DATABASE_URL to a PostgreSQL to run this"))
        if on_postgres and _is_the_same_on_any(item):
            item.add_marker(pytest.mark.skip(reason="NOT RUN: the same on any database, and run without DATABASE_URL"))
        if item.get_closest_marker("browser") and not CHROMIUM and not REQUIRED:
            item.add_marker(pytest.mark.skip(reason="NOT RUN: Chromium is not installed"))
        if item.get_closest_marker("validator") and not EVERY_PAGE:
            item.add_marker(pytest.mark.skip(reason="NOT RUN: .ci/run asks the HTML validator, which needs Java"))


def _is_the_same_on_any(item: pytest.Item) -> bool:
    """Pages look alike on both databases; the journeys go through everything, and are walked on both."""
    if item.get_closest_marker("journey"):
        return False
    return any(item.get_closest_marker(name) for name in ("any_database", "browser", "validator"))


def pytest_report_header() -> list[str]:
    lines = [f"database: {'PostgreSQL' if os.environ.get('DATABASE_URL') else 'SQLite'}"]
    if not CHROMIUM:
        lines.append("LOUD: Chromium is missing, tests in the browser are skipped")
    return lines


@pytest.fixture(autouse=True)
def clean_caches() -> Iterator[None]:
    """Neither counters nor remembered reference data pass from one test to the next."""
    cache.clear()
    forget_reference_data()
    forget_reference()
    yield
    cache.clear()
    forget_reference_data()
    forget_reference()


@pytest.fixture(autouse=True)
def file_store(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has a file store of its own, made with its first file, and a disk that is never too full."""
    place = tmp_path_factory.getbasetemp() / "stores" / uuid.uuid4().hex / "files"
    options = {**settings.STORAGES["reports"]["OPTIONS"], "location": str(place)}
    settings.STORAGES = {**settings.STORAGES, "reports": {**settings.STORAGES["reports"], "OPTIONS": options}}
    settings.FILES_KEEP_FREE_BYTES = 0


REAL_DATABASE = str(connection.settings_dict["NAME"])


def is_test_database() -> bool:
    """Where no chosen test needs a database, none is made: then the connection still names the real one."""
    return str(connection.settings_dict["NAME"]) != REAL_DATABASE


@pytest.fixture(scope="session", autouse=True)
def only_added(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The triggers of the migration, which tests do not run; lifted only while a transactional test is flushed."""
    flush = TransactionTestCase._fixture_teardown

    def lift_and_flush(case: TransactionTestCase) -> None:
        append_only.remove(connection)
        flush(case)
        append_only.install(connection)

    if not is_test_database():
        yield
        return
    with django_db_blocker.unblock():
        append_only.install(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def end_other_sessions(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Threads of the concurrency tests may leave connections in the pool; the test database could not be dropped."""
    yield
    if connection.vendor == "postgresql" and is_test_database():
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file to copy, with every migration applied; one for all workers of this run."""
    own = tmp_path_factory.getbasetemp()
    return make_once(own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)


@pytest.fixture
def now() -> datetime:
    """A Tuesday, 12:00 in Baku, inside everybody's working hours."""
    return datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def reference(db: None) -> None:
    """The reference data as it is shipped."""
    from tests.quick_reference import put_reference

    put_reference()


@pytest.fixture
def is_postgres() -> bool:
    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def chromium() -> str:
    assert CHROMIUM, "Chromium is required (REQUIRE_SERVICES=1) and not installed"
    return CHROMIUM


@pytest.fixture(scope="session")
def java() -> str:
    assert JAVA, "Java is required (REQUIRE_SERVICES=1) and not installed"
    return JAVA


ROOT = Path(__file__).resolve().parent.parent
