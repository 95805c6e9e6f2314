"""What every channel is: it writes a message down in its own form, then hands it over. It knows no other channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cases.models import OutboxMessage

SENT = "sent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. `result` is `sent` only when the receiver said that it has the message (250, 2xx).

    `retry_after` in seconds; `is_gone`: the receiver asks never to be sent anything again (410).
    """

    result: str
    response_code: int | None = None
    retry_after: float | None = None
    is_gone: bool = False

    @property
    def is_success(self) -> bool:
        return self.result == SENT


class Channel(Protocol):
    """One run's way out. `prepare` runs in the thread that owns the database, `send` in any other."""

    def prepare(self, message: OutboxMessage, address: str, now: datetime) -> Any:
        """The message in the channel's form, in its reader's language. Asks no network and no database."""

    def send(self, prepared: Any) -> Answer:
        """Hands it over within the channel's time limit. Asks no database. What goes wrong there is an Answer."""

    def close(self) -> None:
        """Gives back the connections of this run."""


Channels = Mapping[str, Channel]
