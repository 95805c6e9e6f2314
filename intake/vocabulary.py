"""Fixed choices of intake: codes that are never renamed or reused. Labels are the words on the pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """The national body whose staff have a case (domain.md §1, responsible side)."""

    AZ = "AZ", _("NGO Council (Azerbaijan)")
    RU = "RU", _("Public Chamber (Russia)")


class Channel(models.TextChoices):
    WEB = "web", _("web form")
    PHONE = "phone", _("phone")
    PARTNER = "partner", _("partner organisation")
    API = "api", _("API")


class ContactMethod(models.TextChoices):
    PHONE = "phone", _("phone call")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")
    MESSENGER = "messenger", _("messenger")


class AgeBand(models.TextChoices):
    UNDER_14 = "under_14", _("under 14")
    FROM_14 = "14_17", _("14–17")
    FROM_18 = "18_24", _("18–24")
    FROM_25 = "25_39", _("25–39")
    FROM_40 = "40_59", _("40–59")
    FROM_60 = "60_plus", _("60 and older")


class Gender(models.TextChoices):
    FEMALE = "female", _("woman")
    MALE = "male", _("man")


class About(models.TextChoices):
    """Whom the report concerns."""

    ME = "me", _("About me")
    OTHER = "other", _("About someone else")


class Handler(models.TextChoices):
    """Whom the reporter asks to look after the report; empty means that the question was not answered."""

    AZ = "AZ", _("People in Azerbaijan")
    RU = "RU", _("People in Russia")
    ANY = "any", _("It does not matter")


class ConsentAnswer(models.TextChoices):
    ANY = "any", _("Yes")
    ASK_FIRST = "ask_first", _("Ask me first")
    NONE = "none", _("No, do not pass it on")


class DataGroup(models.TextChoices):
    """What consent is given for, group by group (domain.md §9)."""

    IDENTITY = "identity", _("identity")
    CONTACT = "contact", _("contact")
    STORY = "story", _("story")
    DOCUMENTS = "documents", _("documents")
    FAMILY = "family", _("family")


class Voice(models.TextChoices):
    """Who speaks or reads. Intake knows the voice, never the user or partner behind it."""

    REPORTER = "reporter", _("reporter")
    AFFECTED_PERSON = "affected_person", _("person concerned")
    CASEWORKER = "caseworker", _("caseworker")
    PARTNER = "partner", _("partner organisation")
    SYSTEM = "system", _("system")


class ActorKind(models.TextChoices):
    """Kinds of alleged actor."""

    POLICE = "police", _("police")
    OFFICIAL = "official", _("other officials")
    EMPLOYER = "employer", _("employer")
    LANDLORD = "landlord", _("landlord")
    INTERMEDIARY = "intermediary", _("intermediary")
    SCHOOL = "school", _("school or university")
    HEALTH = "health", _("hospital or clinic")
    FAMILY = "family", _("family member")
    GROUP = "group", _("a group of people")
    OTHER = "other", _("someone else")


class BodyKind(models.TextChoices):
    PARTNER = "partner", _("partner organisation")
    AUTHORITY = "authority", _("authority")
    CONSULATE = "consulate", _("consulate")
    EMPLOYER = "employer", _("employer")


class IntakeEventKind(models.TextChoices):
    """What a reporter can set off. Each is taken up by cases exactly once, in order per report."""

    SUBMITTED = "submitted", _("report received")
    MESSAGE = "message", _("message")
    FILE = "file", _("file")
    CONSENT = "consent", _("consent changed")
    CORRECTED = "corrected", _("corrected")
    COMPLAINT = "complaint", _("complaint")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ERASED = "erased", _("erased")


class FileUse(models.TextChoices):
    """What a file is: the story told aloud, or a document beside it. Decides the data group that covers it."""

    STORY = "story", _("story")
    DOCUMENT = "document", _("document")


class FileKind(models.TextChoices):
    PHOTO = "photo", _("photo")
    PDF = "pdf", _("PDF")
    OFFICE = "office", _("office document")
    AUDIO = "audio", _("voice or sound")
    VIDEO = "video", _("video")


class FileState(models.TextChoices):
    ARRIVING = "arriving", _("arriving")
    RECEIVED = "received", _("being checked")
    READY = "ready", _("ready")
    REFUSED = "refused", _("not accepted")


class ErasedBecause(models.TextChoices):
    REPORTER = "reporter", _("the person asked for it")
    RETENTION = "retention", _("its time was over")


class AccessPurpose(models.TextChoices):
    """Why somebody read personal data; shown to the reporter in these words."""

    STORY_READ = "story_read", _("read the story")
    CONTACT_READ = "contact_read", _("saw how to reach you")
    IDENTITY_READ = "identity_read", _("saw who you are")
    CASE_FETCHED = "case_fetched", _("fetched the case")
    OFFER_SEEN = "offer_seen", _("saw the offer")
    MESSAGE_SENT = "message_sent", _("sent you a message")
    FILE_READ = "file_read", _("opened a file")
    COMPLAINT_READ = "complaint_read", _("read your complaint")


WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
YES_NO_UNKNOWN = [*YES_NO, ("unknown", _("I don't know"))]
