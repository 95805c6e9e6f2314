"""Opens the transaction of an API write and makes it happen once: the same key gets the first answer again."""

import json
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction

from cases.errors import IdempotencyMismatch
from cases.models import IdempotencyKey
from intake.compiled import Insert
from intake.encryption import DataKey, derive_key, keyed_hash

_insert_row = Insert(IdempotencyKey)
KEPT = timedelta(hours=24)
RETRIES = 2
_CONFLICTS = frozenset({"40001", "40P01"})  # PostgreSQL: serialisation failure, deadlock
_LONGEST_PAUSE = 0.05  # seconds

Answer = tuple[int, dict[str, Any]]  # HTTP status, JSON object
T = TypeVar("T")


class _Repeat(Exception):
    """The key is there already. Carries its hash out of the transaction, which is of no more use."""


def once(
    *,
    client_id: int,
    key: str,
    body_hash: bytes,
    now: datetime,
    act: Callable[[], Answer],
    foresee: Callable[[], Answer] | None = None,
) -> tuple[int, dict[str, Any], bool]:
    """Runs the step `act` and keeps its answer for 24 hours; the last part says whether it is the first answer again.

    The key row is inserted first: a twin waits on it, then gets the answer. The row, what `act` wrote and the answer
    are committed together, so a refusal (DomainError) keeps nothing and may be tried again with the same key. Raises
    IdempotencyMismatch when the key came with another request. `body_hash` covers method, address and body.

    Where the answer of `act` is known before it runs, `foresee` gives it: it is then stored with the key, in one
    statement less. It is asked anew for each try of `act`.

    What is stored can be read with the key only, of which just a keyed hash is kept.
    """
    key_hash = keyed_hash(f"{client_id}:{key}", purpose="idempotency")
    seal_key = derive_key(keyed_hash(f"{client_id}:{key}", purpose="idempotent-answer").hex(), purpose="idempotency")

    def first_time() -> Answer:
        row = IdempotencyKey(key_hash=key_hash, request_hash=body_hash, created_at=now)
        foreseen = None if foresee is None else foresee()
        if foreseen is not None:
            row.status, row.answer = foreseen[0], _seal(seal_key, foreseen[1], key_hash=key_hash)
        _insert(row)
        status, answer = act()
        if foreseen != (status, answer):
            IdempotencyKey.objects.filter(pk=key_hash).update(
                status=status, answer=_seal(seal_key, answer, key_hash=key_hash)
            )
        return status, answer

    for _attempt in range(RETRIES + 1):
        try:
            return *in_transaction(first_time), False
        except _Repeat:
            row = IdempotencyKey.objects.filter(pk=key_hash).first()
            if row is not None:  # else it was cleared away between the two statements
                return *_first_answer(row, seal_key, body_hash=body_hash), True
    raise IdempotencyMismatch()


def in_transaction(act: Callable[[], T]) -> T:
    """Runs `act` in a transaction of its own; twice more after a deadlock or a race that a constraint decided.

    `act` must be fit to run again: a race that another request won is told as the domain error that it is by then.
    """
    for attempt in range(RETRIES + 1):
        try:
            with transaction.atomic(durable=True):
                return act()
        except (OperationalError, IntegrityError) as error:
            if attempt == RETRIES or not _is_conflict(error):
                raise
            time.sleep(secrets.randbelow(1000) / 1000 * _LONGEST_PAUSE)
    raise AssertionError("unreachable")


def forget_answers(*, now: datetime) -> int:
    """Clears what is older than 24 hours; for the timetable. Returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _is_conflict(error: OperationalError | IntegrityError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.__cause__, "sqlstate", None) in _CONFLICTS


def _insert(row: IdempotencyKey) -> None:
    try:
        _insert_row([row])
    except IntegrityError:
        raise _Repeat from None


def _first_answer(row: IdempotencyKey, seal_key: DataKey, *, body_hash: bytes) -> Answer:
    if bytes(row.request_hash) != body_hash or row.status is None or row.answer is None:
        raise IdempotencyMismatch()
    plain = seal_key.open(bytes(row.answer), label=_label(bytes(row.key_hash)))
    return row.status, json.loads(plain)


def _seal(seal_key: DataKey, answer: dict[str, Any], *, key_hash: bytes) -> bytes:
    plain = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return seal_key.seal(plain, label=_label(key_hash))


def _label(key_hash: bytes) -> str:
    return f"cases_idempotencykey.answer:{key_hash.hex()}"
