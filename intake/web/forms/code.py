"""The code with which a person comes back."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """Says nothing about a code's shape: what is wrong with it is always answered in the same words."""

    use_required_attribute = False
    code = forms.CharField(
        required=False,
        strip=False,
        label=_("Enter your code"),
        help_text=_("20 digits. Spaces do not matter."),
        widget=forms.TextInput(
            attrs={
                "class": "field digits",
                "inputmode": "numeric",
                "autocomplete": "off",
                "spellcheck": "false",
                "maxlength": "60",
            }
        ),
    )
