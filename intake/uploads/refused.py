"""Why a file is not taken. Codes only: the words for the reporter stand in intake/actions/file_refusals.py."""

REASONS = (
    "too_large",
    "empty",
    "too_many",
    "total_too_large",
    "no_space",
    "not_accepted",
    "archive",
    "program",
    "web_page",
    "old_office",
    "encrypted",
    "damaged",
    "picture_too_large",
    "too_complex",
    "cannot_clean",
    "infected",
)


class Refused(Exception):
    """The file cannot be taken, and trying again would change nothing."""

    def __init__(self, reason: str) -> None:
        assert reason in REASONS  # noqa: S101 - a code without words would leave the person without a reason
        self.reason = reason
        super().__init__(reason)
