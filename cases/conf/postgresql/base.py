"""Django's PostgreSQL, but for one thing: how a kept connection is looked at before a request uses it.

Each thread keeps its connection. Django asks the server at the first statement of each request whether it is still
there; on a page that needs one statement, that question was half of what the database cost. Whether the server has hung
up (a restart, a failover, an administrator's hand) can be seen at this end of the line without a question. A line that
died in silence cannot: so a question is asked every ten seconds all the same, and always after an error.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base

ASK_AGAIN = 10.0  # seconds since the server answered on this connection


class DatabaseWrapper(base.DatabaseWrapper):
    _answered_at = float("-inf")

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        self._answered_at = time.monotonic()
        return connection

    def is_usable(self) -> bool:
        """Whether the server is at the other end; where it is not, Django makes a new connection."""
        if self.connection is None:
            return False
        now = time.monotonic()
        has_rested = now - self._answered_at > ASK_AGAIN
        if not (self.errors_occurred or has_rested or _was_sent_something(self.connection)):
            return True
        answers = super().is_usable()
        if answers:
            self._answered_at = now
        return answers


def _was_sent_something(connection: Any) -> bool:
    """Nobody asked anything, so it is a good-bye, or a notice. Does not wait."""
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))
