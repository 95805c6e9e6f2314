"""Categories: one that nobody could take goes public only when somebody says that they know."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.admin.base import ReferenceAdmin
from cases.models import UncoveredCategory
from cases.routing.coverage_now import nobody_takes


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category that nobody could take goes public only when somebody says that they know."""

    nobody_yet = forms.BooleanField(
        label=_("no partner can take these yet; our own people will"),
        required=False,
        help_text=_("Who said so, and when, is kept."),
    )

    def clean(self) -> Any:
        given = super().clean() or {}
        is_new = self.instance._state.adding or "is_active" in self.changed_data
        self.is_uncovered = bool(
            given.get("is_active")
            and is_new
            and nobody_takes(
                self.instance.code or given.get("code", ""), given.get("default_urgency") or 4, timezone.now()
            )
        )
        if self.is_uncovered and not given.get("nobody_yet"):
            self.add_error("is_active", _("No partner could take such a case, wherever and in whatever language."))
        return given


class CategoryAdmin(ReferenceAdmin):
    form = CategoryForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.is_uncovered:
            said_by: Any = request.user
            UncoveredCategory.objects.create(category=obj, said_by=said_by, said_at=timezone.now())
