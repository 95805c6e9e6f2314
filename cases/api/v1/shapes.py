"""What answers look like, for the schema and the docs. Answers are built by disclosure and views, not by these."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import CharField, DateTimeField, ListField, Serializer

from cases.workflow import DateKind, DeclineReason, ReferralState, WithdrawalReason
from intake.vocabulary import ActorKind, AgeBand, ContactMethod, DataGroup, FileKind, FileUse, Gender

URGENCIES = ("U1", "U2", "U3", "U4")
YES_NO_UNKNOWN = ("yes", "no", "unknown")


def code(values: Any, says: Any = "", *, nullable: bool = False) -> CharField:
    """A field that holds one of these codes."""
    known = [str(value) for value in values]
    schema: dict[str, Any] = {"type": "string", "enum": [*known, None] if nullable else known}

    @extend_schema_field(schema)
    class Code(CharField):
        pass

    return Code(help_text=says, allow_null=nullable)


def codes(values: Any, says: Any = "") -> ListField:
    return ListField(child=code(values), help_text=says)


_REASONS = tuple(dict.fromkeys([*DeclineReason.values, *WithdrawalReason.values]))


class Deadline(Serializer):
    kind = code(DateKind.values)
    date = serializers.DateField(help_text=_("The last day, where the person is."))
    ends_at = DateTimeField(help_text=_("The end of that day."))


class Referral(Serializer):
    id = serializers.UUIDField()
    reference = CharField(help_text=_("The case reference. Speakable, not secret."))
    url = serializers.URLField()
    case_url = serializers.URLField(allow_null=True, help_text=_("The case, once it is yours."))
    state = code(ReferralState.values)
    reason = code(_REASONS, _("Why it was declined, returned or withdrawn."), nullable=True)
    is_tombstone = serializers.BooleanField(help_text=_("You no longer have the case: erase what you kept of it."))
    offered_at = DateTimeField()
    answer_due_at = DateTimeField(help_text=_("Accept or decline by then."))
    answered_at = DateTimeField(allow_null=True)
    contact_due_at = DateTimeField(allow_null=True, help_text=_("Reach the person by then."))
    contacted_at = DateTimeField(allow_null=True)
    ended_at = DateTimeField(allow_null=True)
    updated_at = DateTimeField()
    category = CharField(allow_null=True)
    urgency = code(URGENCIES, nullable=True)
    urgency_rules = ListField(child=CharField(), allow_null=True, help_text=_("Which rules made it this urgent."))
    country = CharField(allow_null=True, help_text=_("ISO 3166-1: where the person is."))
    region = CharField(allow_null=True, help_text=_("ISO 3166-2."))
    language = CharField(allow_null=True, help_text=_("BCP 47: what the person speaks."))
    deadlines = Deadline(many=True, allow_null=True, help_text=_("Dates set by law: removal, appeal, permit, hearing."))
    age_band = code(AgeBand.values, nullable=True)
    child = code(YES_NO_UNKNOWN, _("Whether a child is affected."), nullable=True)
    gender = code(Gender.values, _("Only in a single referral, where your service is for one gender."), nullable=True)
    summary = CharField(allow_null=True, help_text=_("One line, by a caseworker or made of codes."))


class Identity(Serializer):
    name = CharField(required=False)
    birth_date = serializers.DateField(required=False)
    gender = CharField(required=False)


class WayToReach(Serializer):
    reach_by = code(("contact", "mailbox"), _("mailbox: there is no way to reach the person but their own page."))
    never_contact = serializers.BooleanField()
    method = code(ContactMethod.values, nullable=True)
    value = CharField(allow_null=True)
    cover_name = CharField(allow_null=True, help_text=_("Ask for this name."))
    safe_word = CharField(allow_null=True, help_text=_("Say it, so that the person knows it is us."))
    days = ListField(child=serializers.IntegerField(), allow_null=True, help_text=_("0 = Monday; empty: every day."))
    hours_from = CharField(allow_null=True)
    hours_until = CharField(allow_null=True)
    timezone = CharField(allow_null=True)
    device_shared = code(YES_NO_UNKNOWN, _("Whether others use the device."), nullable=True)
    may_leave_message = serializers.BooleanField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    is_safe_now = serializers.BooleanField(allow_null=True)
    next_safe_at = DateTimeField(allow_null=True)


class Contact(WayToReach):
    about = code(("me", "other"), _("other: the contact is that of somebody who wrote for the person."))
    subject_unaware = serializers.BooleanField(help_text=_("The person concerned does not know of this report."))
    person_concerned = WayToReach(
        allow_null=True, help_text=_("Of the person concerned, where somebody else wrote for them.")
    )


class AllegedActor(Serializer):
    kind = code(ActorKind.values, nullable=True)
    name = CharField()


class File(Serializer):
    id = serializers.UUIDField()
    kind = code(FileKind.values)
    size = serializers.IntegerField(help_text=_("Bytes."))
    media_type = CharField()
    url = serializers.URLField(help_text=_("Its content, to be saved."))


class CaseFile(File):
    use = code(FileUse.values, _("story: what happened, told aloud; document: everything else."))


class Addition(Serializer):
    at = serializers.DateTimeField()
    text = CharField()


class Story(Serializer):
    subcode = CharField(allow_null=True)
    text = CharField()
    additions = Addition(many=True, help_text=_("What the person added later, oldest first."))
    answers = serializers.DictField(help_text=_("The answers to the six questions."))
    alleged_actor = AllegedActor()
    recordings = File(many=True, help_text=_("The story told aloud."))


class PersonalData(Serializer):
    """A group that the person did not consent to is null."""

    identity = Identity(allow_null=True)
    contact = Contact(allow_null=True)
    story = Story(allow_null=True)
    documents = File(many=True, allow_null=True)
    family = CharField(allow_null=True)


MOVES = ("accept", "decline", "contacted", "progress", "complete", "return")


class ReferralDetail(Referral):
    awaiting_consent = serializers.BooleanField(help_text=_("The person is being asked about you. Look again later."))
    data = PersonalData(  # type: ignore[assignment]
        allow_null=True, help_text=_("What the person consented to; null while nothing may be seen.")
    )
    moves = codes(MOVES, _("What you can do now."))


class ChangedReferral(Serializer):
    referral_id = serializers.UUIDField()
    reference = CharField()
    url = serializers.URLField(help_text=_("Read there what it is now."))
    state = code(ReferralState.values)
    reason = code(_REASONS, nullable=True)
    is_tombstone = serializers.BooleanField(help_text=_("You no longer have the case: erase what you kept of it."))


class Change(Serializer):
    cursor = CharField(help_text=_("Where this change stands: go on after it."))
    type = CharField(help_text=_("Such as referral.offered; the same as a webhook says."))
    timestamp = DateTimeField()
    data = ChangedReferral()  # type: ignore[assignment]


class Endpoint(Serializer):
    id = serializers.UUIDField()
    url = CharField()
    is_active = serializers.BooleanField()
    disabled_reason = CharField(allow_null=True)
    created_at = DateTimeField()


class NewEndpoint(Endpoint):
    secret = CharField(help_text=_("whsec_…, shown this once. Signatures follow Standard Webhooks 1.0."))


class Labels(Serializer):
    az = CharField()
    ru = CharField()
    en = CharField()


class Capacity(Serializer):
    limit = serializers.IntegerField(help_text=_("Cases at a time."))
    load = serializers.IntegerField(help_text=_("Open offers and cases in hand."))
    free = serializers.IntegerField()
    paused_until = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()


class AgreementState(Serializer):
    kind = code(("partner", "memorandum"))
    title = Labels()
    version = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(help_text=_("The last day, in the agreement's own time zone."))
    timezone = CharField()
    is_valid = serializers.BooleanField()  # type: ignore[assignment]
    data_groups = codes(DataGroup.values)


class PartnerCard(Serializer):
    id = serializers.UUIDField()
    name = Labels()
    side = code(("AZ", "RU"))
    country = CharField()
    timezone = CharField()


class ClientCard(Serializer):
    client_id = CharField()
    name = CharField()
    scopes = ListField(child=CharField(), help_text=_("Of this token."))
    is_practice = serializers.BooleanField()


class Me(Serializer):
    partner = PartnerCard()
    client = ClientCard()
    capacity = Capacity()
    agreements = AgreementState(many=True)


class Filed(Serializer):
    reference = CharField()
    code = CharField(
        help_text=_("The receipt code, shown this once. Give it to the person and keep no copy: it opens their page.")
    )
    page = serializers.URLField(help_text=_("The person's page, where the code is typed in."))


def paged(name: str, item: type[Serializer], **more: Any) -> Serializer:
    fields: Mapping[str, Any] = {
        "results": item(many=True),
        "next": serializers.URLField(allow_null=True, help_text=_("The next page; null: this was the last.")),
        **more,
    }
    return type(name, (Serializer,), dict(fields))()
