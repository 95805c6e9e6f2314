"""Files in a plain form: sealed while the form is read, so that a form of any size costs neither memory nor disk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from intake.actions.file_refusals import FileRefused
from intake.actions.files import NewFile
from intake.vocabulary import FileUse

FIELDS = {"story_file": FileUse.STORY.value, "document_file": FileUse.DOCUMENT.value}
_BESIDE = 1024 * 1024  # bytes of a form that are not files


class Receiving(FileUploadHandler):
    """`files` have come whole as far as they can tell; `refusals` says what was not taken, by name."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.files: list[NewFile] = []
        self.refusals: list[tuple[str, FileRefused]] = []
        self._current: NewFile | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._drop_current()
        if field_name in FIELDS and len(self.files) < settings.FILES_MOST:
            self._current = NewFile(file_name, FIELDS[field_name])
        elif field_name in FIELDS:
            self.refusals.append((file_name, FileRefused("too_many")))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """What follows a refusal is read and dropped: a browser shows our answer only when it could send everything."""
        if self._current is None:
            return
        try:
            self._current.write(raw_data)
        except FileRefused as refusal:
            self.refusals.append((self._current.name, refusal))
            self._drop_current()

    def file_complete(self, file_size: int) -> None:
        if self._current is not None:
            self.files.append(self._current)
            self._current = None

    def upload_interrupted(self) -> None:
        self.close()

    def close(self) -> None:
        self._drop_current()
        for file in self.files:
            file.arrival.close()

    def _drop_current(self) -> None:
        if self._current is not None:
            self._current.arrival.close()
            self._current = None


class DropFiles(FileUploadHandler):
    """The site's handler everywhere else (settings.FILE_UPLOAD_HANDLERS): no other form takes files, so none is kept,
    not even in a temporary folder."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def receive(request: HttpRequest) -> Receiving:
    """Reads the form. Nothing of one that broke off is kept: its last field, `end`, is missing. Raises FileRefused.

    To be called before anything reads `request.POST`.
    """
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > settings.FILES_TOTAL_BYTES + _BESIDE:
        raise FileRefused("total_too_large")
    receiving = Receiving(request)
    request.upload_handlers = [receiving]
    try:
        is_whole = "end" in request.POST
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation, RequestDataTooBig):
        is_whole = False
    if not is_whole:
        receiving.close()
        raise FileRefused("cut_off")
    return receiving
