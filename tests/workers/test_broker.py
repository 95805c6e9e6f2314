"""The broker made of files: every message whole, once, in order."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from workers.broker import folder_options


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    return folder_options(tmp_path)


def connect(options: dict[str, Any]) -> Connection:
    return Connection("filesystem://", transport="workers.broker:Transport", transport_options=options)


def all_of(queue: Any) -> Iterator[int]:
    with contextlib.suppress(Empty):
        while True:
            message = queue.get(block=False)
            message.ack()
            yield message.payload["number"]


def test_messages_arrive_in_order_and_leave_no_file(options: dict[str, Any], tmp_path: Path) -> None:
    with connect(options) as connection, connection.SimpleQueue("letters") as queue:
        for number in range(20):
            queue.put({"number": number})
        numbers = []
        for _ in range(20):
            message = queue.get(timeout=1)
            numbers.append(message.payload["number"])
            message.ack()
        with pytest.raises(Empty):
            queue.get(block=False)
    assert numbers == list(range(20))
    assert not [*tmp_path.glob("messages/*"), *tmp_path.glob("processed/*")]


def test_a_message_is_not_seen_before_it_is_whole(options: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    with connect(options) as connection, connection.SimpleQueue("letters") as queue:
        seen: list[Any] = []

        def look_while_writing(self: Path, content: bytes) -> int:
            with self.open("wb") as file:
                file.write(content[:5])
                file.flush()
                seen.extend(path.name for path in (tmp_path / "messages").glob("*.letters.msg"))
                file.write(content[5:])
            return len(content)

        monkeypatch.setattr(Path, "write_bytes", look_while_writing)
        queue.put({"number": 1})
        assert seen == []
        assert queue.get(timeout=1).payload == {"number": 1}


def test_readers_and_writers_at_once_lose_and_double_nothing(options: dict[str, Any]) -> None:
    got: list[int] = []
    writers_done = threading.Event()

    def write(start: int) -> None:
        with connect(options) as connection, connection.SimpleQueue("letters") as queue:
            for number in range(start, start + 150):
                queue.put({"number": number, "filling": "x" * 5000})

    def read() -> None:
        with connect(options) as connection, connection.SimpleQueue("letters") as queue:
            is_last_look = False
            while not is_last_look:
                is_last_look = writers_done.is_set()
                got.extend(all_of(queue))

    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 150)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join(30)
    writers_done.set()
    for thread in readers:
        thread.join(30)
    assert sorted(got) == list(range(300))


def test_processes_that_bind_at_once_both_stand_in_the_table(options: dict[str, Any]) -> None:
    children = []
    for name in ("one", "two", "three"):
        child = os.fork()
        if child == 0:
            with connect(options) as connection:
                channel: Any = connection.channel()
                for number in range(30):
                    channel._queue_bind("exchange", "", "", f"{name}{number}")
            os._exit(0)
        children.append(child)
    assert all(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)
    with connect(options) as connection:
        channel = connection.channel()
        assert len(channel.get_table("exchange")) == 90
