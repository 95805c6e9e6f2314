"""P19: what a step of the public form costs, beside a plain page of the floor."""

import http.client
import re
import statistics
from urllib.parse import urlencode

from . import loader, place
from .rows import Row

REQUESTS = 400
STEP = "/az/p/3/"  # "about whom": the answers before it are read from the draft


def measure() -> list[Row]:
    with place.korpu() as (ours, _environment, _told), place.floor() as floor:
        cookie = _draft(ours)
        plain, step = _get("/page/", {}), _get(STEP, {"Cookie": cookie})
        for base, send in ((floor, plain), (ours, step)):
            loader.run(base, send, requests=60, clients=8)
        floors, own, spread = loader.pairs(
            lambda: loader.run(floor, plain, requests=REQUESTS, clients=8),
            lambda: loader.run(ours, step, requests=REQUESTS, clients=8),
        )
        for load in (*floors, *own):
            if set(load.statuses) != {200}:
                raise RuntimeError(f"not every answer was 200: {load.statuses}")
    ratio = statistics.median(a.rate for a in floors) / statistics.median(b.rate for b in own)
    noise = f"floor spread {spread:.2f}" + ("" if spread <= 1.5 else " (over 1.5: repeat)")
    return [Row("P19", "a step of the public form / floor GET", "<= 2 x", f"{ratio:.2f} x", ratio <= 2, noise)]


def _get(path: str, headers: dict[str, str]) -> loader.Send:
    def send(connection: http.client.HTTPConnection, number: int) -> int:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return send


def _draft(base: str) -> str:
    """A draft with its first answer, as a browser makes it; its cookie."""
    host = base.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("POST", "/az/", "", {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
    connection.request("GET", "/az/p/1/", headers={"Cookie": cookie})
    token = re.search(r'name="token" value="(\w+)"', connection.getresponse().read().decode())
    if token is None:
        raise RuntimeError("the first step has no form")
    form = urlencode({"token": token[1], "country": "RU"})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/az/p/1/", form, kind)
    connection.getresponse().read()
    return cookie
