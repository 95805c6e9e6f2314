"""TLS to an address that was checked: the right name is asked for, and only the right certificate is believed."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cases.targets import check_url
from workers.channels import line
from workers.channels.line import Line
from workers.channels.webhook import Post, WebhookChannel

NAME = "hooks.example.com"


def certificate(folder: Path, name: str) -> Path:
    """Self-signed, so that it is its own authority. Certificate and key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@dataclass
class Receiver:
    port: int
    names: list[str | None] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def receiver(file: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = Receiver(server.getsockname()[1])
        context.sni_callback = lambda _socket, name, _context: seen.names.append(name)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        request = more = secure.recv(65536)
                        while more and not request.endswith(b"{}"):  # closing on unread data would reset the line
                            request += (more := secure.recv(65536))
                        seen.requests.append(request)
                        secure.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield seen
        thread.join(5)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: Any) -> Iterator[Path]:
    """The one authority that the system believes."""
    file = certificate(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    line._tls.cache_clear()
    yield file
    line._tls.cache_clear()


def hand_over(port: int, settings: Any, monkeypatch: Any) -> str:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]
    monkeypatch.setattr("workers.channels.line.socket.getaddrinfo", lambda *args, **kwargs: found)
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({f"{NAME}:{port}"})
    channel = WebhookChannel()
    try:
        return channel.send(Post(f"https://{NAME}:{port}/hook?x=1", b"{}", {})).result
    finally:
        channel.close()


def test_the_name_is_asked_for_and_stands_in_the_host_header(trusted: Path, settings: Any, monkeypatch: Any) -> None:
    with receiver(trusted) as seen:
        assert hand_over(seen.port, settings, monkeypatch) == "sent"
    assert seen.names == [NAME]
    assert seen.requests[0].startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert f"Host: {NAME}:{seen.port}".encode() in seen.requests[0]


def test_a_certificate_for_another_name_is_not_believed(
    trusted: Path, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    other = certificate(tmp_path, "other.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with receiver(other) as seen:
        assert hand_over(seen.port, settings, monkeypatch) == "tls_failed"
    assert seen.requests in ([], [b""])


def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    trusted: Path, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    (tmp_path / "unknown").mkdir()
    with receiver(certificate(tmp_path / "unknown", NAME)) as seen:
        assert hand_over(seen.port, settings, monkeypatch) == "tls_failed"


def test_a_line_is_used_again_only_while_it_is_open_and_its_check_is_fresh(monkeypatch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        target = check_url(f"http://127.0.0.1:{port}/", {f"127.0.0.1:{port}"})
        ours = Line(target, ["127.0.0.1"], timeout=2)
        ours.connect()
        theirs, _ = server.accept()
        assert ours.is_usable()
        monkeypatch.setattr(line, "FRESH", -1)
        assert not ours.is_usable(), "the name may mean another address by now"
        monkeypatch.setattr(line, "FRESH", 60)
        theirs.close()
        assert not ours.is_usable(), "the other side has hung up"
        ours.close()


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: Any) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("workers.channels.line.RESOLVE_LIMIT", 0.05)
    monkeypatch.setattr("workers.channels.line.socket.getaddrinfo", lambda *args, **kwargs: go_on.wait(5) and [])
    with pytest.raises(TimeoutError):
        line.resolve(check_url("https://hooks.example.com/"), frozenset())
    go_on.set()


def test_the_second_address_is_tried_when_the_first_is_away(monkeypatch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        target = check_url(f"http://127.0.0.1:{port}/", {f"127.0.0.1:{port}"})
        ours = Line(target, ["::1", "127.0.0.1"], timeout=2)
        ours.connect()
        assert ours.wire is not None
        assert ours.wire.getpeername()[0] == "127.0.0.1"
        ours.close()
