"""Django's PostgreSQL, but for one thing: how a connection is looked at when it comes out of the pool.

Django asks the server a question each time. On a page that needs one statement, that question was half of what the
database cost. Whether the server has hung up (a restart, a failover, an administrator's hand) can be seen at this end
of the line without a question. A line that died in silence cannot: so a question is asked every ten seconds all the
same.
"""

import select
import time
from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool

ASK_AGAIN = 10.0  # seconds since the server answered on this connection

_answered: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()


def is_there(connection: Connection[Any]) -> None:
    """Raises psycopg.OperationalError where the server is not at the other end any more: the pool makes a new one."""
    now = time.monotonic()
    if _was_sent_something(connection) or now - _answered.get(connection, float("-inf")) > ASK_AGAIN:
        ConnectionPool.check_connection(connection)
        _answered[connection] = now


def _was_sent_something(connection: Connection[Any]) -> bool:
    """Nobody asked anything, so it is a good-bye, or a notice. Does not wait."""
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    # Django's own, which its type stubs leave out
    _connection_pools: ClassVar[dict[str, Any]]
    _configure_connection: Callable[[Any], Any]

    @property
    def pool(self) -> Any:
        """As Django makes it, with `is_there`."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias != NO_DB_ALIAS and self.alias not in self._connection_pools:
            pool = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=is_there,
                **options,
            )
            self._connection_pools.setdefault(self.alias, pool)
        return super().pool
