"""The forms of the public pages, one per page. Shape of the input only; the rules are in actions."""

from .about import AboutForm
from .actor import ActorForm
from .consent import ConsentForm
from .contact import ContactDetailsForm, ContactForm
from .exclude import ExcludeForm
from .handler import HandlerForm
from .person import PersonForm
from .place import CountryForm, RegionForm
from .problem import CategoryForm, SubcodeForm
from .questions import QuestionsForm, key_question, key_questions, opened_by, opened_by_kind
from .story import StoryForm

__all__ = [
    "AboutForm",
    "ActorForm",
    "CategoryForm",
    "ConsentForm",
    "ContactDetailsForm",
    "ContactForm",
    "CountryForm",
    "ExcludeForm",
    "HandlerForm",
    "PersonForm",
    "QuestionsForm",
    "RegionForm",
    "StoryForm",
    "SubcodeForm",
    "key_question",
    "key_questions",
    "opened_by",
    "opened_by_kind",
]
