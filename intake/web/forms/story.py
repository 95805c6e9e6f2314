"""The story, in the person's own words."""

from django.forms import Textarea
from django.utils.translation import gettext_lazy as _

from intake.actions.check_entry import STORY

from .base import StepForm, Text


class StoryForm(StepForm):
    section = "story"
    story = Text(
        limit=STORY,
        label=_("Tell us in your own words"),
        help_text=_(
            "In any language, as short or as long as you like. Mistakes do not matter. You can leave this empty."
        ),
        widget=Textarea(attrs={"rows": "10"}),
    )
