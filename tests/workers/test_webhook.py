"""Webhooks, sent to a real HTTP receiver and checked with the reference library."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from werkzeug import Request, Response

from cases.models import OutboxMessage, WebhookEndpoint
from tests.cases.routing_world import make_case, make_partner, make_referral
from tests.workers import arrange
from tests.workers.arrange import at
from workers.channels import webhook as channel
from workers.delivery import drain

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def now() -> datetime:
    """The real one: the reference library refuses signatures of another time."""
    return datetime.now(UTC)


@pytest.fixture
def hook(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({f"127.0.0.1:{httpserver.port}"})
    return httpserver


def offer(now: datetime, url: str, **endpoint: Any) -> OutboxMessage:
    referral = make_referral(make_case(), make_partner(), state="offered")
    return arrange.to_partner(referral, now, endpoint=arrange.endpoint(referral.partner, url, now, **endpoint))


def sent(hook: HTTPServer, row: OutboxMessage, now: datetime) -> OutboxMessage:
    drain(now_fn=at(now), rng=Random(1))
    row.refresh_from_db()
    return row


def answering(status: int, **headers: str) -> Response:
    return Response("", status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_the_reference_library_accepts_the_signature(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/hook", method="POST").respond_with_data("", 204)
    row = sent(hook, offer(now, hook.url_for("/hook")), now)
    assert (row.state, row.last_result) == ("sent", "sent")
    request = hook.log[0][0]
    body = Webhook(arrange.SECRET).verify(request.get_data(), dict(request.headers))
    assert request.headers["webhook-id"] == str(row.pk) == body["id"]
    assert request.headers["Host"] == f"127.0.0.1:{hook.port}"


def test_the_message_is_thin(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/").respond_with_data("", 200)
    row = sent(hook, offer(now, hook.url_for("/")), now)
    body = json.loads(hook.log[0][0].get_data())
    assert set(body) == {"type", "id", "timestamp", "data"}
    assert body["type"] == "referral.offered"
    assert body["data"]["reference"] == row.params["reference"]
    assert body["data"]["url"].endswith(f"/api/v1/referrals/{row.referral_id}/")


def test_while_rotating_both_secrets_sign(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/").respond_with_data("", 200)
    sent(hook, offer(now, hook.url_for("/"), old_secret=arrange.OLD_SECRET), now)
    request = hook.log[0][0]
    for secret in (arrange.SECRET, arrange.OLD_SECRET):
        Webhook(secret).verify(request.get_data(), dict(request.headers))


def test_a_tampered_message_is_refused_by_the_library(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/").respond_with_data("", 200)
    sent(hook, offer(now, hook.url_for("/")), now)
    request = hook.log[0][0]
    tampered = request.get_data().replace(b"offered", b"expired")
    assert tampered != request.get_data()
    for data, secret in ((tampered, arrange.SECRET), (request.get_data(), arrange.OLD_SECRET)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(data, dict(request.headers))


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_everything_but_2xx_is_tried_again(hook: HTTPServer, now: datetime, status: int) -> None:
    hook.expect_request("/").respond_with_response(answering(status, Location=hook.url_for("/elsewhere")))
    row = sent(hook, offer(now, hook.url_for("/")), now)
    assert (row.state, row.last_result, row.attempts) == ("due", f"http_{status}", 1)
    assert len(hook.log) == 1, "no redirect is followed"


def test_a_repeat_carries_the_same_id_and_a_new_time(hook: HTTPServer, now: datetime) -> None:
    hook.expect_ordered_request("/").respond_with_data("", 500)
    hook.expect_ordered_request("/").respond_with_data("", 200)
    row = sent(hook, offer(now, hook.url_for("/")), now)
    later = row.next_attempt_at + timedelta(seconds=1)
    assert sent(hook, row, later).state == "sent"
    first, second = (request for request, _ in hook.log)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert [delivery.attempt for delivery in row.deliveries.order_by("attempt")] == [1, 2]


def test_retry_after_is_honoured_in_both_forms(hook: HTTPServer, now: datetime) -> None:
    date = (now + timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for path, value in (("/seconds", "7200"), ("/date", date)):
        hook.expect_request(path).respond_with_response(answering(503, Retry_After=value))
        row = sent(hook, offer(now, hook.url_for(path)), now)
        assert abs(row.next_attempt_at - now - timedelta(hours=2)) < timedelta(seconds=5)


def test_nonsense_in_retry_after_is_ignored(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/").respond_with_response(answering(503, Retry_After="soon, -5; nan"))
    row = sent(hook, offer(now, hook.url_for("/")), now)
    assert row.next_attempt_at - now < timedelta(seconds=10)


def test_410_disables_the_endpoint_and_ends_what_waits_for_it(hook: HTTPServer, now: datetime) -> None:
    hook.expect_request("/").respond_with_data("", 410)
    first = offer(now, hook.url_for("/"))
    second = arrange.to_partner(first.referral, now, endpoint=first.endpoint, lane=3)  # type: ignore[arg-type]
    assert sent(hook, first, now).state == "dead"
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.is_active, endpoint.disabled_reason, endpoint.disabled_at) == (False, "gone", now)
    later = now + timedelta(days=1)
    assert sent(hook, second, later).last_result in {"http_410", "endpoint_disabled"}
    assert second.state == "dead"
    assert len(hook.log) <= 2


def test_a_huge_answer_is_not_read_to_its_end(hook: HTTPServer, now: datetime) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    hook.expect_request("/").respond_with_handler(lambda request: Response(endless(), status=200))
    assert sent(hook, offer(now, hook.url_for("/")), now).state == "sent"


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "http://hooks.example.org/", "https://10.0.0.1/", "https://[::1]/", "https://user@x.org/"],
)
def test_an_address_that_is_not_allowed_is_never_reached(now: datetime, url: str) -> None:
    row = sent(None, offer(now, url), now)  # type: ignore[arg-type]
    assert (row.state, row.last_result) == ("dead", "invalid_target")


def test_a_name_that_means_an_inside_address_is_never_reached(now: datetime, monkeypatch: Any) -> None:
    """Rebinding: what counts is what the name means at the moment of sending. One bad address spoils all."""
    found = [(socket.AF_INET, 0, 0, "", (address, 443)) for address in ("93.184.216.34", "127.0.0.1")]
    reached: list[Any] = []
    monkeypatch.setattr("workers.channels.line.socket.getaddrinfo", lambda *args, **kwargs: found)
    monkeypatch.setattr("workers.channels.line.socket.create_connection", lambda *args, **kwargs: reached.append(args))
    row = sent(None, offer(now, "https://rebind.example.com/"), now)  # type: ignore[arg-type]
    assert (row.last_result, reached) == ("invalid_target", [])


def test_a_name_nobody_knows_is_tried_again(now: datetime, monkeypatch: Any) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr("workers.channels.line.socket.getaddrinfo", unknown)
    row = sent(None, offer(now, "https://nobody.example.com/"), now)  # type: ignore[arg-type]
    assert (row.state, row.last_result) == ("due", "unreachable")


@contextmanager
def listening(behave: Any) -> Iterator[int]:
    """A server of bytes, for what no HTTP library would do."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                behave(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def drip(connection: socket.socket) -> None:
    """A byte now and then, for ever: no time-out between two bytes ever ends this."""
    ended = threading.Event()
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not ended.wait(0.05):
            connection.sendall(b"x")
    except OSError:
        pass


def test_a_receiver_that_drips_is_cut_off(now: datetime, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(channel, "LIMIT", 0.3)
    with listening(drip) as port:
        settings.WEBHOOK_ALLOWED_HOSTS = frozenset({f"127.0.0.1:{port}"})
        row = sent(None, offer(now, f"http://127.0.0.1:{port}/"), now)  # type: ignore[arg-type]
    assert (row.state, row.last_result) == ("due", "timeout")


def test_an_answer_that_is_no_http_is_a_failure(now: datetime, settings: Any) -> None:
    with listening(lambda connection: connection.sendall(b"250 hello this is SMTP\r\n")) as port:
        settings.WEBHOOK_ALLOWED_HOSTS = frozenset({f"127.0.0.1:{port}"})
        row = sent(None, offer(now, f"http://127.0.0.1:{port}/"), now)  # type: ignore[arg-type]
    assert (row.state, row.last_result) == ("due", "bad_answer")


def test_many_to_one_receiver_share_connections(hook: HTTPServer, now: datetime) -> None:
    peers = set()

    def note(request: Request) -> Response:
        peers.add(request.environ["REMOTE_PORT"])
        return Response("", status=200)

    hook.expect_request("/").respond_with_handler(note)
    first = offer(now, hook.url_for("/"))
    for _ in range(40):
        arrange.to_partner(first.referral, now, endpoint=first.endpoint)  # type: ignore[arg-type]
    assert drain(now_fn=at(now)) == 41
    assert not OutboxMessage.objects.exclude(state="sent").exists()
