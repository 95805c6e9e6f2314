"""Counts the SQL statements of one report by the API, take-up included. `python -m tests.bench.statements TOKEN`."""

import json
import sys
import uuid

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from .reports import BODY  # noqa: E402

UNCOUNTED = ("BEGIN", "COMMIT")


def post(token: str) -> int:
    return (
        Client(SERVER_NAME="127.0.0.1")
        .post(
            "/api/v1/reports/",
            json.dumps(BODY),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())},
        )
        .status_code
    )


def main() -> None:
    token = sys.argv[1]
    statuses = {post(token), post(token)}
    with CaptureQueriesContext(connection) as captured:
        statuses.add(post(token))
    if statuses != {201}:
        raise SystemExit(f"unexpected answers: {statuses}")
    statements = [query["sql"] for query in captured.captured_queries]
    counted = [sql for sql in statements if not sql.upper().startswith(UNCOUNTED)]
    savepoints = [sql for sql in counted if "SAVEPOINT" in sql.upper()]
    print(json.dumps({"statements": len(counted), "savepoints": len(savepoints), "sql": [s[:110] for s in counted]}))


if __name__ == "__main__":
    main()
