"""A connection to an address that was checked: resolved once, every address looked at, connected to one of them.

Never connects by name, so that what was checked is what is reached, whatever the name means a moment later.
"""

import functools
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Collection, Sequence

from cases.targets import Target, check_address

CONNECT_LIMIT = 3  # seconds for each address
TRIED = 2  # addresses
RESOLVE_LIMIT = 3  # seconds
FRESH = 60  # seconds for which a check holds


class Line(http.client.HTTPConnection):
    """`host` stays the name: it goes into the Host header and, with TLS, is what the certificate must be made for."""

    def __init__(self, target: Target, addresses: Sequence[str], *, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._is_secure = target.scheme == "https"
        self.default_port = 443 if self._is_secure else 80  # the Host header names any other
        self._addresses = addresses[:TRIED]
        self._checked_at = time.monotonic()
        self.wire: socket.socket | None = None  # stays when http.client lets go of `sock` and still reads the answer

    def connect(self) -> None:
        self.sock = self.wire = self._connected()
        self.sock.settimeout(self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_secure:
            # Not during the wrapping: until then nobody could cut a handshake that takes too long.
            self.sock = self.wire = _tls().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def is_usable(self) -> bool:
        """Open, checked less than a minute ago, and nothing has come unasked, such as the other side's end."""
        if self.sock is None or time.monotonic() - self._checked_at > FRESH:
            return False
        self.sock.settimeout(0)
        try:
            return not self._has_something_to_read()
        finally:
            self.sock.settimeout(self.timeout)

    def _has_something_to_read(self) -> bool:
        try:
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        return True

    def _connected(self) -> socket.socket:
        for address in self._addresses[:-1]:
            try:
                return socket.create_connection((address, self.port), timeout=CONNECT_LIMIT)
            except OSError:
                continue
        return socket.create_connection((self._addresses[-1], self.port), timeout=CONNECT_LIMIT)


def resolve(target: Target, allowed_hosts: Collection[str]) -> list[str]:
    """The checked addresses of the target. One that is not allowed spoils all: raises InvalidTarget. Raises OSError."""
    found = _look_up(target.host, target.port)
    return list(dict.fromkeys(check_address(address, target, allowed_hosts) for address in found))


def _look_up(host: str, port: int) -> list[str]:
    """The system's resolver knows no time limit, so it is asked by a thread that may be left behind."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(RESOLVE_LIMIT)
    if asking.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]
    return found


@functools.cache
def _tls() -> ssl.SSLContext:
    """Certificates are verified against the system's authorities, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
