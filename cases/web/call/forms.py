"""The questions of the public form in a caseworker's dress: one small form for each step of the draft.

Nothing here is required, so that everything can be kept while the person is still talking; what a report needs is said
when it is filed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.web.forms import Dressed, kinds
from intake.actions.check_contact import LENGTH
from intake.actions.check_entry import NAME, PASSAGE, STATELESS, STORY
from intake.models import Body
from intake.queries import reference_data
from intake.questionnaire import DayField, QuestionForm, asked, build_form, still_asked
from intake.vocabulary import ActorKind, AgeBand, ContactMethod, Handler

Answers = Mapping[str, Any]
UNAWARE = "other_unaware"  # one choice on the page, two answers in the draft
MAILBOX, NEVER = "mailbox", "never"
LONGEST_LIST = 200
_NOTHING = ("", "—")
_YES_NO = [("yes", _("Yes")), ("no", _("No"))]
WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class Section(Dressed):
    """One step of the draft. `language` is the caseworker's; what is read aloud is in script.py."""

    step: ClassVar[str]

    def __init__(self, data: Any = None, *, answers: Answers, language: str) -> None:
        self.draft, self.lang = answers, language
        super().__init__(data, prefix=self.step, initial=self.kept(answers.get(self.step) or {}))

    def __init_subclass__(cls) -> None:
        cls.use_required_attribute = False

    def kept(self, answers: Answers) -> dict[str, Any]:
        return dict(answers)

    def answers(self) -> dict[str, Any]:
        """What can be kept, also when a field of the section is wrong."""
        return dict(self.cleaned_data)


def _radio(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect, **options)


def _line(label: Any, limit: int, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=False, widget=widget, **options)


def _text(label: Any, limit: int, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=False, widget=widget)


class Where(Section):
    step = "where"
    country = _radio(_("country of stay"), ())
    region = forms.ChoiceField(label=_("region"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        countries = known.stay_countries()
        self.fields["country"].choices = [(row.code, row.label()) for row in countries]  # type: ignore[attr-defined]
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            _NOTHING,
            *((row.label(), _labelled(known.regions_of(row.code))) for row in countries),
        ]


class About(Section):
    step = "about"
    about = _radio(
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
        self.fields["kind"].choices = [_NOTHING, *kinds(reference_data())]  # type: ignore[attr-defined, list-item]

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
            if isinstance(field, DayField):
                field.widget.attrs["class"] = "form-control"
            field.help_text = ""  # why it is asked stands with what is read aloud

    def answers(self) -> dict[str, Any]:
        given = QuestionForm.answers(self)  # type: ignore[arg-type]
        merged = {**(self.draft.get("questions") or {}), **given}
        kept = still_asked(reference_data().questions, merged, _context(self.draft))
        return {name: kept.get(name) for name in merged}


class Story(Section):
    step = "story"
    story = _text(_("story, in the person's own words"), STORY, 8)


class Person(Section):
    step = "person"
    language = forms.ChoiceField(label=_("language of the answers"), required=False)
    age_band = forms.ChoiceField(label=_("age band"), required=False, choices=[_NOTHING, *AgeBand.choices])
    citizenship = forms.ChoiceField(label=_("citizenship"), required=False)
    identity_name = _line(_("Name"), NAME)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = reference_data()
        self.fields["language"].choices = _labelled(known.languages.values())  # type: ignore[attr-defined]
        stay = sorted(known.countries.values(), key=lambda row: not row.is_stay)
        self.fields["citizenship"].choices = [_NOTHING, *_labelled(stay), (STATELESS, _("stateless"))]  # type: ignore[attr-defined]

    def kept(self, answers: Answers) -> dict[str, Any]:
        return {"language": self.draft.get("interface_language", ""), **answers}


class Actor(Section):
    step = "actor"
    actor_kind = forms.ChoiceField(label=_("alleged actor"), required=False, choices=[_NOTHING, *ActorKind.choices])
    actor_name = _line(_("Name, company or office"), NAME)


class Exclude(Section):
    step = "exclude"
    must_not_see = forms.MultipleChoiceField(
        label=_("must not see it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    must_not_see_text = _line(_("others that must not see it"), PASSAGE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(is_active=True).order_by("kind", "pk")[:LONGEST_LIST]
        self.fields["must_not_see"].choices = [(str(row.pk), row.label()) for row in bodies]  # type: ignore[attr-defined]


class Handled(Section):
    step = "handler"
    handler = _radio(_("who should look after it"), Handler.choices)


class Contact(Section):
    step = "contact"
    way = _radio(
        _("safe contact"),
        [(MAILBOX, _("only through the reporter's page")), *ContactMethod.choices, (NEVER, _("never contact"))],
    )
    value = _line(_("number or address"), LENGTH)
    days = forms.TypedMultipleChoiceField(
        label=_("safe days"), coerce=int, choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = _line(pgettext_lazy("hours", "From"), 5)
    hours_until = _line(pgettext_lazy("hours", "Until"), 5)
    timezone = forms.ChoiceField(label=_("the person's time zone"), required=False)
    device_shared = _radio(_("others use this phone"), [*_YES_NO, ("unknown", _("I don't know"))])
    may_leave_message = _radio(_("a message may be left"), _YES_NO)
    cover_name = _line(_("cover name"), LENGTH)
    safe_word = _line(_("word by which you know it is us"), LENGTH)
    notify = forms.BooleanField(label=_("wants a neutral e-mail when something is new"), required=False)
    valid_until = DayField(label=_("safe until this day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted({row.timezone for row in reference_data().regions.values() if row.timezone})
        self.fields["timezone"].choices = [("", _("that of the region")), *((one, one) for one in zones)]  # type: ignore[attr-defined, list-item]
        for name in ("hours_from", "hours_until"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})
        self.fields["valid_until"].widget.attrs["class"] = "form-control"
        self.fields["notify"].help_text = format_lazy(
            _("From: {sender}. The whole text: “{text}”"),
            sender=settings.REPORTER_FROM_EMAIL,
            text=_("You have a new message."),
        )

    def kept(self, answers: Answers) -> dict[str, Any]:
        way = NEVER if answers.get("never_contact") else MAILBOX if answers.get("mailbox_only") else ""
        said = {True: "yes", False: "no"}.get(answers.get("may_leave_message", ""), "")
        return {**answers, "way": way or answers.get("method", ""), "may_leave_message": said}

    def answers(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if "way" in given:
            way = given.pop("way")
            given["mailbox_only"], given["never_contact"] = way == MAILBOX, way == NEVER
            given["method"] = "" if way in {MAILBOX, NEVER} else way
        if "may_leave_message" in given:
            given["may_leave_message"] = {"yes": True, "no": False}.get(given["may_leave_message"])
        if given.get("valid_until"):
            given["valid_until"] = given["valid_until"].isoformat()
        return given


class Consents(Section):
    """In the words of the version in force. Nothing is ticked beforehand."""

    step = "consent"
    share = _radio(_("may be passed on"), ())
    groups = forms.MultipleChoiceField(label=_("they may see"), required=False, widget=forms.CheckboxSelectMultiple)
    cross_border = _radio(_("helpers in the other country"), ())
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


def _labelled(rows: Any) -> list[tuple[str, str]]:
    return [(row.pk, row.label()) for row in rows]


def _context(answers: Answers) -> dict[str, Any]:
    about, what = answers.get("about") or {}, answers.get("what") or {}
    return {"about": about.get("about"), "category": what.get("category"), "subcode": what.get("subcode")}


class CallBack(Dressed):
    """All that is kept when it is not safe to talk: where, roughly what, and how to call back."""

    country = _radio(_("country of stay"), ())
    kind = forms.ChoiceField(label=_("category"), required=False)
    method = _radio(_("safe contact"), ContactMethod.choices)
    value = _line(_("number or address"), LENGTH)
    days = forms.TypedMultipleChoiceField(
        label=_("safe days"), coerce=int, choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = _line(pgettext_lazy("hours", "From"), 5)
    hours_until = _line(pgettext_lazy("hours", "Until"), 5)
    cover_name = _line(_("cover name"), LENGTH)
    safe_word = _line(_("word by which you know it is us"), LENGTH)
    may_leave_message = _radio(_("a message may be left"), _YES_NO)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known = reference_data()
        self.fields["country"].choices = _labelled(known.stay_countries())  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds(known)  # type: ignore[attr-defined]
        self.initial["kind"] = "OTH"
        for name in ("hours_from", "hours_until"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"})

    def steps(self) -> dict[str, dict[str, Any]]:
        """As the steps of a draft keep them."""
        given = self.cleaned_data
        category, _dot, subcode = given["kind"].partition(".")
        names = ("method", "value", "days", "hours_from", "hours_until", "cover_name", "safe_word")
        contact = {name: given[name] for name in names}
        return {
            "where": {"country": given["country"]},
            "what": {"category": category or "OTH", "subcode": subcode},
            "contact": {**contact, "may_leave_message": given["may_leave_message"] == "yes", "mailbox_only": False},
        }
