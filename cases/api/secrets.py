"""How the secrets of API clients are hashed. Not for passwords: those are Argon2's."""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare


class FastSecret(BasePasswordHasher):
    """Salted SHA-256. The secrets are 128 random characters, so there is nothing to guess and nothing to slow down:
    Argon2 at the token endpoint would only let anybody fill the machine's memory.

    Found by its name, as django-oauth-toolkit's CLIENT_SECRET_HASHER, among Django's PASSWORD_HASHERS.
    """

    algorithm = "fast_secret"

    def encode(self, password: str, salt: str) -> str:
        digest = hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> Any:
        return {"algorithm": self.algorithm}

    def must_update(self, encoded: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to equalise: every check costs the same."""
