"""The broker of an installation without Redis: a folder of small files. Knows no task and no row."""

import fcntl
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

POLLING_INTERVAL = 0.02  # seconds: upstream's full second gives 8 messages a second, this 137


class Channel(filesystem.Channel):
    """Upstream's writer creates the file under its final name, so its reader can meet half a message and the worker
    ends with a JSONDecodeError. Here a message appears whole, by a rename, and is taken by a rename, by one reader."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.unfinished"  # no reader looks for this ending
        unfinished.write_bytes(str_to_bytes(dumps(payload)))
        unfinished.rename(folder / name)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Upstream truncates the table before it locks it: two processes that start together read an empty one."""
        file: Path = self._exchange_file(exchange)
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with (file.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if entry not in table:
                unfinished = file.with_suffix(".unfinished")
                unfinished.write_bytes(str_to_bytes(dumps([entry, *table])))
                unfinished.rename(file)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder, processed = Path(self.data_folder_in), Path(self.processed_folder)
        for name in _waiting(folder, queue):
            taken = processed / name
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another reader was quicker
            payload = taken.read_bytes()
            taken.unlink(missing_ok=True)
            return loads(bytes_to_str(payload))
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        # Upstream remembers for the whole process what it has written into the tables, even of another folder.
        self.state = virtual.BrokerState()


def _waiting(folder: Path, queue: str) -> list[str]:
    """Oldest first."""
    return sorted(path.name for path in folder.iterdir() if path.name.partition(".")[2] == f"{queue}.msg")


def folder_options(root: Path) -> dict[str, Any]:
    """Makes the folders under `root` and returns what the transport wants to know about them."""
    messages, processed, control = root / "messages", root / "processed", root / "control"
    for folder in (messages, processed, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "processed_folder": str(processed),
        "control_folder": str(control),
        "polling_interval": POLLING_INTERVAL,
    }
