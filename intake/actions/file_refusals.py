"""Why a file was not taken, in the reporter's words. The codes are those of intake/uploads/refused.py."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.errors import DomainError

REASONS: Mapping[str, str | Promise] = {
    "too_large": _("This file is too large. A file can have 30 MB. Send a shorter recording or a smaller picture."),
    "empty": _("This file is empty. Please choose it again."),
    "too_many": _("There is no room for more files. Remove one, or send the rest later from your page."),
    "total_too_large": _("Together the files are too large. Remove one, or send the rest later from your page."),
    "no_space": _("We cannot take files at this moment. You can send everything else now and add files later."),
    "not_accepted": _("We cannot open files of this kind. Send a photo, a PDF, a document, a recording or a video."),
    "archive": _("We do not take packed files (zip, rar). Please send the files in it one by one."),
    "program": _("This is a program. We do not take programs."),
    "web_page": _("We do not take web pages and drawings of this kind. Send a photo or a PDF of it."),
    "old_office": _("This document is in an old form. Save it as PDF and send that, or send a photo of it."),
    "encrypted": _("This file is locked with a password. Send it without the password."),
    "damaged": _("We cannot open this file: it seems to be damaged. Please send it again, or send a photo of it."),
    "picture_too_large": _("This picture has too many points. Please send a smaller one."),
    "too_complex": _("We cannot open this file safely. Send a photo of what matters in it."),
    "cannot_clean": _("We cannot remove hidden data from this file. Send a photo of it, or another recording."),
    "infected": _("Our check found something harmful in this file, so we have not kept it. You did nothing wrong."),
    "cut_off": _("The connection broke off before the whole file was here. Please send it again."),
    "gone": _("This upload has ended. Please choose the file again."),
}


class FileRefused(DomainError):
    """`code` is the reason."""

    status = 422

    def __init__(self, reason: str) -> None:
        self.code = reason
        super().__init__(REASONS[reason])
        self.reason = reason
