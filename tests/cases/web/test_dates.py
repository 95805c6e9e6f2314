"""Days and hours as the console writes them, in the reader's language."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from cases.templatetags.console import day, moment, short

AT = datetime(2025, 6, 3, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "long", "in_lists"),
    [
        ("az", "3 iyun 2025, 08:05", "3 iyn, 08:05"),
        ("ru", "3 июня 2025, 08:05", "3 июн, 08:05"),
        ("en", "3 June 2025, 08:05", "3 Jun, 08:05"),
    ],
)
def test_months_are_written_as_the_language_writes_them(language: str, long: str, in_lists: str) -> None:
    with translation.override(language):
        assert moment(AT) == long
        assert day(date(2025, 6, 3)) == long.partition(",")[0]
        assert short(AT) == in_lists
