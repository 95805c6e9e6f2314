"""Where sealed files lie: names that say nothing, written once, deleted after the commit that forgets them."""

import logging
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction

from .file_refusals import FileRefused

logger = logging.getLogger(__name__)


def report_files() -> Storage:
    return storages["reports"]


def temporary_folder() -> Path:
    """For sealed bytes on their way. Not /tmp: there it may be memory."""
    return Path(settings.VAR_DIR)


def keep(content: IO[bytes]) -> str:
    """Writes sealed bytes under a new random name; returns it. Until a row names it, it is an orphan."""
    name = secrets.token_hex(16)
    return report_files().save(f"{name[:2]}/{name}", File(content))


def drop(names: Iterable[str]) -> None:
    """What cannot be deleted now is swept at night."""
    for name in names:
        try:
            report_files().delete(name)
        except Exception as error:  # noqa: BLE001 - of whatever store: the act itself is done
            logger.warning("a stored file was not deleted (%s)", type(error).__name__)


def drop_after_commit(names: Iterable[str]) -> None:
    gone = [name for name in names if name]
    if gone:
        transaction.on_commit(lambda: drop(gone), robust=True)


def check_space(size: int) -> None:
    """Reports must always find room: files are refused long before the disk is full. Raises FileRefused."""
    places = [temporary_folder()]
    store = report_files()
    if isinstance(store, FileSystemStorage):
        Path(store.location).mkdir(mode=0o700, parents=True, exist_ok=True)
        places.append(Path(store.location))
    if any(shutil.disk_usage(place).free < settings.FILES_KEEP_FREE_BYTES + 2 * size for place in places):
        raise FileRefused("no_space")
