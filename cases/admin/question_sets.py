"""The questions of the public form: every saving is a version, which is asked only after its preview."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cases.admin.base import ReferenceAdmin, may_edit
from intake.actions.edit_questions import ask_questions, faults_of_questions, save_questions_step
from intake.models import QuestionSet
from intake.questionnaire import Question, build_form, read_definition


class ReadableJSON(json.JSONEncoder):
    """Indented, and with letters as letters: an operator reads and edits this."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "indent": 2, "ensure_ascii": False})


class QuestionSetForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says what is wrong where it was typed, before anything is stored."""

    definition = forms.JSONField(
        widget=forms.Textarea(attrs={"rows": 40, "cols": 100, "spellcheck": "false"}),
        encoder=ReadableJSON,
        help_text=_("After saving, look at the preview. Only from there the questions go to the public pages."),
    )

    class Meta:
        model = QuestionSet
        fields = ("definition",)

    def clean_definition(self) -> Any:
        definition = self.cleaned_data["definition"]
        if faults := faults_of_questions(definition):
            raise ValidationError([ValidationError(str(fault)) for fault in faults])
        return definition


class QuestionSetAdmin(ReferenceAdmin):
    """What is asked is never edited in place: saving makes the next version, which waits for its preview."""

    form = QuestionSetForm
    list_display = ("version", "is_active", "created_at", "preview")
    readonly_fields = ("version", "is_active", "created_at", "preview")
    fields = ("version", "is_active", "created_at", "preview", "definition")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        newest = QuestionSet.objects.first()
        return {"definition": newest.definition if newest else {"questions": []}}

    @admin.display(description=_("preview"))
    def preview(self, row: QuestionSet) -> str:
        if row.pk is None:
            return "–"
        address = reverse("admin:intake_questionset_preview", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, _("preview"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = save_questions_step(definition=form.cleaned_data["definition"], edited=obj.pk if change else None)
        obj.pk, obj.is_active, obj.created_at = saved.pk, saved.is_active, saved.created_at
        sentence = _("Saved as version {version}. It is not asked yet: look at the preview.")
        self.message_user(request, str(sentence).format(version=saved.pk))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_preview)
        return [path("<int:version>/preview/", view, name="intake_questionset_preview"), *super().get_urls()]

    def show_preview(self, request: HttpRequest, version: int) -> HttpResponse:
        """GET: the questions as people will see them, in every language. POST: they are asked from now on."""
        if not may_edit(request):
            raise PermissionDenied
        row = get_object_or_404(QuestionSet, pk=version)
        faults = faults_of_questions(row.definition)
        if request.method == "POST" and not faults:
            ask_questions(version=version)
            self.log_change(request, row, "asked from now on")
            self.message_user(request, str(_("Version {version} is asked from now on.")).format(version=version))
            return redirect("admin:intake_questionset_changelist")
        shown = {"version": version, "row": row, "faults": faults, "languages": preview_of(row.definition, faults)}
        return render(request, "admin/questions_preview.html", shown, status=422 if request.method == "POST" else 200)


def preview_of(definition: Any, faults: list[Any]) -> list[dict[str, Any]]:
    """One part for each language; none while the definition is wrong."""
    questions = () if faults else read_definition(definition)
    parts = []
    for code, name in settings.LANGUAGES if questions else ():
        with override(code):
            form = build_form(questions, code)(prefix=code)
            fields = [{"field": form[one.key], "when": _when(one)} for one in questions]
            html = render_to_string("admin/questions_in_a_language.html", {"fields": fields})
        parts.append({"code": code, "name": name, "html": html})
    return parts


def _when(question: Question) -> str:
    """ "category: DET; held: yes", each alternative on its own."""
    ways = (
        "; ".join(f"{name}: {', '.join(one or '–' for one in wanted)}" for name, wanted in way.items())
        for way in question.shown_if
    )
    return " / ".join(ways)
