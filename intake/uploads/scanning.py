"""Asks a clamd whether a file is known to be harmful: the INSTREAM command (clamd(8)), over a unix or TCP socket."""

import socket
from collections.abc import Iterable

SECONDS = 30.0  # for each step: connecting, sending a chunk, the verdict
_CHUNK = 64 * 1024
_LONGEST = 1024  # bytes of an answer


class ScannerAway(Exception):
    """No verdict: not running, too slow, or out of order. The file stays where it is and is asked about again."""


def is_infected(chunks: Iterable[bytes], address: str, *, seconds: float = SECONDS) -> bool:
    """`address`: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. Raises ScannerAway unless it says yes or no."""
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                for start in range(0, len(chunk), _CHUNK):
                    part = chunk[start : start + _CHUNK]
                    line.sendall(len(part).to_bytes(4, "big") + part)
            line.sendall(bytes(4))
            return _verdict(_read(line))
    except (OSError, ValueError) as error:
        raise ScannerAway(type(error).__name__) from None


def _connected(address: str, seconds: float) -> socket.socket:
    kind, _colon, place = address.partition(":")
    if kind == "unix" or address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(place if kind == "unix" else address)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = (place if kind == "tcp" else address).rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)


def _read(line: socket.socket) -> bytes:
    answer = b""
    while len(answer) < _LONGEST and not answer.endswith(b"\0"):
        part = line.recv(_LONGEST)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n")


def _verdict(answer: bytes) -> bool:
    """Anything but these two is no verdict: an error, a limit of clamd's, half an answer."""
    if answer == b"stream: OK":
        return False
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        return True
    raise ScannerAway("answer")
