"""The words with which consent is asked: a version that people have read is never changed; the next one is made."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from cases.admin.base import ReferenceAdmin
from cases.admin.question_sets import ReadableJSON
from intake.actions.edit_consent_text import faults_of_consent_text, is_in_use
from intake.models import ConsentText


class ConsentTextForm(forms.ModelForm):  # type: ignore[type-arg]
    definition = forms.JSONField(
        widget=forms.Textarea(attrs={"rows": 40, "cols": 100, "spellcheck": "false"}), encoder=ReadableJSON
    )

    class Meta:
        model = ConsentText
        fields = ("version", "is_active", "definition")

    def clean_definition(self) -> Any:
        definition = self.cleaned_data["definition"]
        if faults := faults_of_consent_text(definition):
            raise ValidationError([ValidationError(str(fault)) for fault in faults])
        return definition


class ConsentTextAdmin(ReferenceAdmin):
    form = ConsentTextForm
    list_display = ("version", "is_active", "created_at")
    fields = ("version", "is_active", "definition")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("version", "definition") if is_in_use(obj.pk) else ("version",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        newest = ConsentText.objects.first()
        return {"version": newest.version + 1, "definition": newest.definition} if newest else {"version": 1}
