"""Key material: made once, for its owner alone, and never overwritten: a key that is lost is data that is lost."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cases.conf import keys


def test_keys_that_are_there_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys.make_keys(path)
    before = path.read_bytes()
    keys.make_keys(path)
    assert path.read_bytes() == before
    keys.load_keys(path, may_make=True)
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_they_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys.make_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_none_may_be_made_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(ImproperlyConfigured, match="first_run"):
        keys.load_keys(path, may_make=False)
    assert not path.exists()


@pytest.mark.parametrize("part", ["masters", "system", "receipt_code", "lookup", "django_secret"])
def test_a_file_that_is_not_complete_is_no_file_of_keys(part: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys.make_keys(path)
    content = json.loads(path.read_text())
    del content[part]
    path.write_text(json.dumps(content))
    with pytest.raises(ImproperlyConfigured):
        keys.load_keys(path, may_make=True)
    assert json.loads(path.read_text()) == content


def test_nothing_of_them_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys.make_keys(path)
    assert repr(keys.LiveKeys(path)) == "<LiveKeys>" and "b'" not in repr(keys.read_keys(path))
