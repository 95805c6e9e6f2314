"""A partner organisation with nothing but an HTTP client."""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from base64 import b64encode
from typing import Any

from .prepare_names import secret_of


class Partner:
    def __init__(self, base: str, slug: str) -> None:
        self.base, self.slug = base, slug
        self.token = self._token()

    def _token(self) -> str:
        basic = b64encode(f"journey-{self.slug}:{secret_of(self.slug)}".encode()).decode()
        request = urllib.request.Request(
            f"{self.base}/oauth/token/",
            data=b"grant_type=client_credentials",
            headers={"Authorization": f"Basic {basic}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["access_token"])

    def get(self, path: str, **query: str) -> Any:
        return self._call("GET", path + (f"?{urllib.parse.urlencode(query)}" if query else ""))[1]

    def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        return self._call("POST", path, body or {})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        url = path if path.startswith("http") else f"{self.base}/api/v1{path}"
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
