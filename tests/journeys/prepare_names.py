"""Names that both the system's process and the test's know. Imports nothing of Django."""


def secret_of(slug: str) -> str:
    return f"journey-secret-of-{slug}-" + "x" * 32
