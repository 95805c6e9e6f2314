"""What somebody with the rights of the tables' owner can do: lift the triggers. The program itself never does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from cases.models import append_only


@contextmanager
def as_owner() -> Iterator[None]:
    """PostgreSQL drops no trigger of a table while references wait to be checked: those are checked first."""
    connection.check_constraints()
    append_only.remove(connection)
    yield
    connection.check_constraints()
    append_only.install(connection)
