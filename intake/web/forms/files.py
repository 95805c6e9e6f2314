"""The page of files among the answers: only their names, which the actions put there. Files come another way."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import Line, StepForm


class FilesForm(StepForm):
    section = "files"
    title = _("Photos, documents, a voice recording")
    titled = True
    names = Line(limit=20_000, label=_("Files"))

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {"names": ", ".join(answers.get("names") or [])}

    def answers(self) -> dict[str, Any]:
        """Nothing that is typed changes files."""
        return {}
