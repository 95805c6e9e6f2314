"""The questions of the public form in a caseworker's dress: one small form for each step of the draft.

Nothing here is required, so that everything can be kept while the person is still talking; what a report needs is said
when it is filed.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.web.call.contact import Contact
from cases.web.call.section import NOTHING, Answers, Section, labelled, line, radio, text
from cases.web.forms import kinds
from intake.actions.check_entry import NAME, PASSAGE, STATELESS, STORY
from intake.models import Body
from intake.queries import reference_data
from intake.questionnaire import DayField, QuestionForm, asked, build_form, left_over, still_asked
from intake.vocabulary import ActorKind, AgeBand, Handler

UNAWARE = "other_unaware"  # one choice on the page, two answers in the draft
LONGEST_LIST = 200


class Where(Section):
    step = "where"
    country = radio(_("country of stay"), ())
    region = forms.ChoiceField(label=_("region"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        countries = known.stay_countries()
        self.fields["country"].choices = [(row.code, row.label()) for row in countries]  # type: ignore[attr-defined]
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            NOTHING,
            *((row.label(), labelled(known.regions_of(row.code))) for row in countries),
        ]


class About(Section):
    step = "about"
    about = radio(
        _("about whom"),
        [
            ("me", _("the caller")),
            ("other", _("someone else")),
            (UNAWARE, _("someone else, who does not know about this call")),
        ],
    )

    def kept(self, answers: Answers) -> dict[str, Any]:
        return {"about": UNAWARE if answers.get("subject_unaware") else answers.get("about", "")}

    def answers(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("about", "")
        return {"about": "other" if chosen == UNAWARE else chosen, "subject_unaware": chosen == UNAWARE}


class What(Section):
    step = "what"
    kind = forms.ChoiceField(label=_("category"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [NOTHING, *kinds(reference_data())]  # type: ignore[attr-defined, list-item]

    def kept(self, answers: Answers) -> dict[str, Any]:
        category, subcode = answers.get("category", ""), answers.get("subcode", "")
        return {"kind": f"{category}.{subcode}" if subcode else category}

    def answers(self) -> dict[str, Any]:
        if "kind" not in self.cleaned_data:
            return {}
        category, _dot, subcode = self.cleaned_data["kind"].partition(".")
        return {"category": category, "subcode": subcode}


class Questions(Section):
    """Those that the answers so far lead to, from the newest question set."""

    step = "questions"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked(reference_data().questions, {**_context(self.draft), **(self.draft.get("questions") or {})})
        self.fields.update(build_form(self.asked, self.lang)().fields)
        for field in self.fields.values():
            field.help_text = ""  # why it is asked stands with what is read aloud
            if isinstance(field, DayField):
                field.widget.attrs["class"] = "form-control"
                field.help_text = field.example

    def answers(self) -> dict[str, Any]:
        """What was answered to questions that an operator has changed during the call stays."""
        questions, answered = reference_data().questions, self.draft.get("questions") or {}
        before = left_over(questions, answered)
        typed = {name: value for name, value in QuestionForm.answers(self).items() if value or name not in before}  # type: ignore[arg-type]
        merged = {**answered, **typed}
        kept = {**before, **still_asked(questions, merged, _context(self.draft))}
        return {name: kept.get(name) for name in merged}


class Story(Section):
    step = "story"
    story = text(_("story, in the person's own words"), STORY, 8)


class Person(Section):
    step = "person"
    language = forms.ChoiceField(label=_("language of the answers"), required=False)
    age_band = forms.ChoiceField(label=_("age band"), required=False, choices=[NOTHING, *AgeBand.choices])
    citizenship = forms.ChoiceField(label=_("citizenship"), required=False)
    identity_name = line(_("Name"), NAME)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        self.fields["language"].choices = labelled(known.languages.values())  # type: ignore[attr-defined]
        stay = sorted(known.countries.values(), key=lambda row: not row.is_stay)
        self.fields["citizenship"].choices = [NOTHING, *labelled(stay), (STATELESS, _("stateless"))]  # type: ignore[attr-defined]

    def kept(self, answers: Answers) -> dict[str, Any]:
        return {"language": self.draft.get("interface_language", ""), **answers}


class Actor(Section):
    step = "actor"
    actor_kind = forms.ChoiceField(label=_("alleged actor"), required=False, choices=[NOTHING, *ActorKind.choices])
    actor_name = line(_("Name, company or office"), NAME)


class Exclude(Section):
    step = "exclude"
    must_not_see = forms.MultipleChoiceField(
        label=_("must not see it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    must_not_see_text = line(_("others that must not see it"), PASSAGE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(is_active=True).order_by("kind", "pk")[:LONGEST_LIST]
        self.fields["must_not_see"].choices = [(str(row.pk), row.label()) for row in bodies]  # type: ignore[attr-defined]


class Handled(Section):
    step = "handler"
    handler = radio(_("who should look after it"), Handler.choices)


class Consents(Section):
    """In the words of the version in force. Nothing is ticked beforehand."""

    step = "consent"
    share = radio(_("may be passed on"), ())
    groups = forms.MultipleChoiceField(label=_("they may see"), required=False, widget=forms.CheckboxSelectMultiple)
    cross_border = radio(_("helpers in the other country"), ())
    was_read = forms.BooleanField(label=_("I have read these words aloud, and the person has answered"), required=False)
    text_version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = reference_data().consent_text
        if text is None:  # nothing can be asked without its words; unanswered means: ask first
            self.fields.clear()
            return
        rows = {row["key"]: row for row in text.definition["questions"]} | {"groups": text.definition["groups"]}
        for name, row in rows.items():
            if name in self.fields:
                self.fields[name].choices = [  # type: ignore[attr-defined]
                    (option["code"], option.get(self.lang) or option["en"]) for option in row["options"]
                ]
        self.initial["text_version"] = text.version


SECTIONS: tuple[type[Section], ...] = (
    Where,
    About,
    What,
    Questions,
    Story,
    Person,
    Actor,
    Exclude,
    Handled,
    Contact,
    Consents,
)


def _context(answers: Answers) -> dict[str, Any]:
    about, what = answers.get("about") or {}, answers.get("what") or {}
    return {"about": about.get("about"), "category": what.get("category"), "subcode": what.get("subcode")}
