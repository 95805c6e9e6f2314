"""The forms of the public pages, one per page. Shape of the input only; the rules are in actions."""

from .about import AboutForm
from .actor import ActorForm
from .consent import ConsentForm, SubjectConsentForm
from .contact import ContactDetailsForm, ContactForm, SubjectContactDetailsForm, SubjectContactForm
from .exclude import ExcludeForm
from .files import FilesForm
from .handler import HandlerForm
from .person import PersonForm
from .place import CountryForm, RegionForm
from .problem import CategoryForm, SubcodeForm
from .questions import EARLY, KIND, Plan, QuestionsForm, key_question, key_questions, opened_by, plan
from .story import StoryForm

__all__ = [
    "EARLY",
    "KIND",
    "AboutForm",
    "ActorForm",
    "CategoryForm",
    "ConsentForm",
    "ContactDetailsForm",
    "ContactForm",
    "CountryForm",
    "ExcludeForm",
    "FilesForm",
    "HandlerForm",
    "PersonForm",
    "Plan",
    "QuestionsForm",
    "RegionForm",
    "StoryForm",
    "SubcodeForm",
    "SubjectConsentForm",
    "SubjectContactDetailsForm",
    "SubjectContactForm",
    "key_question",
    "key_questions",
    "opened_by",
    "plan",
]
