"""What requests may hold, for the schema and the docs. They are read by parsing.Body and checked by the actions."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.serializers import CharField, ListField, Serializer

from cases.api.v1.shapes import YES_NO_UNKNOWN, code, codes
from cases.workflow import PARTNER_OUTCOMES, ContactChannel, DeclineReason, Outcome, Reached
from intake.vocabulary import (
    About,
    ActorKind,
    AgeBand,
    ConsentAnswer,
    ContactMethod,
    DataGroup,
    Gender,
    Handler,
)

PARTNER_OUTCOMES_IN_ORDER = [outcome for outcome in Outcome.values if outcome in PARTNER_OUTCOMES]


def optional(field: serializers.Field) -> serializers.Field:
    field.required = False
    return field


class Decline(Serializer):
    reason = code(DeclineReason.values)
    note = CharField(required=False, max_length=2000, help_text=_("For the caseworker. Not shown to anybody else."))
    paused_until = serializers.DateField(required=False, help_text=_("The last day of your pause, with no_capacity."))


class Contacted(Serializer):
    at = serializers.DateTimeField(help_text=_("When you tried, such as 2026-11-24T08:00:00Z."))
    channel = code(ContactChannel.values)
    reached = code(Reached.values, _("Only yes is a contact. After unsafe a caseworker is told."))


class Progress(Serializer):
    note = CharField(required=False, max_length=2000, help_text=_("For the caseworker. Not shown to the person."))
    next_step = CharField(
        required=False, max_length=500, help_text=_("The person reads it, as your words: what happens next.")
    )
    expected_by = CharField(
        required=False, help_text=_("By when: a time, or a day that counts to its end where you are.")
    )


class Complete(Serializer):
    outcome = code(PARTNER_OUTCOMES_IN_ORDER)
    summary = CharField(required=False, max_length=2000, help_text=_("For the caseworker, who closes the case."))


class Return(Serializer):
    reason = code(DeclineReason.values)
    note = CharField(required=False, max_length=2000, help_text=_("For the caseworker. Not shown to anybody else."))


class NewWebhook(Serializer):
    url = CharField(max_length=2000, help_text=_("https only."))


class PersonIdentity(Serializer):
    name = CharField(required=False, max_length=200)
    birth_date = serializers.DateField(required=False)
    gender = optional(code(Gender.values))


class SafeContact(Serializer):
    method = optional(code(ContactMethod.values))
    value = CharField(required=False, max_length=200)
    days = ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        required=False,
        help_text=_("0 = Monday; empty: every day."),
    )
    hours_from = CharField(required=False, help_text=_("Such as 18:30, in the timezone below."))
    hours_until = CharField(required=False)
    timezone = CharField(required=False, help_text=_("IANA; without it that of the region."))
    device_shared = optional(code(YES_NO_UNKNOWN, _("Whether others use the device.")))
    may_leave_message = serializers.BooleanField(required=False)
    cover_name = CharField(required=False, max_length=200)
    safe_word = CharField(required=False, max_length=200)
    never_contact = serializers.BooleanField(required=False)
    notify = serializers.BooleanField(required=False, help_text=_("The person wants neutral messages from us."))
    valid_until = serializers.DateField(required=False)


class GivenConsent(Serializer):
    share = optional(code(ConsentAnswer.values, _("May we pass it on? Without an answer we ask first.")))
    cross_border = optional(code(("yes", "no"), _("May helpers in the other country see it?")))
    groups = optional(codes(DataGroup.values, _("What may be seen.")))
    text_version = serializers.IntegerField(
        required=False, min_value=0, help_text=_("Which version of the questions was read out; without it the newest.")
    )


class NewReport(Serializer):
    country = CharField(help_text=_("ISO 3166-1: where the person is."))
    category = CharField(help_text=_("A code of /reference/categories/."))
    region = CharField(required=False, help_text=_("A code of /reference/regions/."))
    subcode = CharField(required=False)
    language = CharField(required=False, help_text=_("The person's. Without it, that of Accept-Language."))
    citizenship = CharField(required=False, help_text=_("ISO 3166-1, XX for stateless."))
    about = optional(code(About.values))
    subject_unaware = serializers.BooleanField(required=False)
    age_band = optional(code(AgeBand.values))
    handler = optional(code(Handler.values, _("Who should look after it.")))
    actor_kind = optional(code(ActorKind.values, _("Who is said to have done it.")))
    actor_name = CharField(required=False, max_length=200)
    answers = serializers.DictField(required=False, help_text=_("The six questions: held, date_near, harm, child, …"))
    story = CharField(required=False, max_length=20_000)
    identity = PersonIdentity(required=False)
    family = CharField(required=False, max_length=2000)
    must_not_see = ListField(
        child=serializers.UUIDField(), required=False, help_text=_("Bodies that must not see the report.")
    )
    must_not_see_text = CharField(required=False, max_length=2000)
    contact = SafeContact(required=False)
    consent = GivenConsent(required=False)
    subject_contact = SafeContact(required=False)  # of the person concerned, where it is about somebody else
    subject_consent = GivenConsent(required=False)
