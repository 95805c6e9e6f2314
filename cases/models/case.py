"""The case: what we do about a report. Its coded columns are all that counting needs; they survive erasure."""

from django.db import models
from django.db.models import Q

from cases.workflow import ENDED_CASES, CaseState, Outcome
from intake.encryption import EncryptedField, SealedModel
from intake.references import new_id
from intake.vocabulary import ActorKind, AgeBand, Channel, ConsentAnswer, Side

_GOES_ON = ~Q(state__in=sorted(ENDED_CASES))


class Case(SealedModel):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.OneToOneField("intake.Report", on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True)
    side = models.CharField(max_length=2, choices=Side)
    state = models.CharField(max_length=24, choices=CaseState)
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)
    round = models.PositiveSmallIntegerField(default=1)  # a partner is offered a case at most once in a round

    category = models.ForeignKey("intake.ProblemCategory", on_delete=models.PROTECT, related_name="+")
    subcode = models.CharField(max_length=12, blank=True)
    urgency = models.PositiveSmallIntegerField()  # 1 immediate … 4 ordinary
    computed_urgency = models.PositiveSmallIntegerField()
    urgency_reasons = models.JSONField(default=list)  # [{"code", "version", "level", "step_up"}]
    country = models.ForeignKey("intake.Country", on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("intake.Region", on_delete=models.PROTECT, null=True, related_name="+")
    language = models.ForeignKey("intake.Language", on_delete=models.PROTECT, related_name="+")
    age_band = models.CharField(max_length=8, choices=AgeBand, blank=True)
    child = models.CharField(max_length=7, blank=True)  # yes | no | unknown
    actor_kind = models.CharField(max_length=12, choices=ActorKind, blank=True)
    citizenship = models.CharField(max_length=2, blank=True)
    channel = models.CharField(max_length=8, choices=Channel)
    share = models.CharField(
        max_length=9, choices=ConsentAnswer, default=ConsentAnswer.ASK_FIRST
    )  # hint for lists only
    summary = EncryptedField()  # one line, written by a caseworker

    received_at = models.DateTimeField()
    triage_due_at = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True)
    triage_missed = models.BooleanField(default=False)
    triage_told = models.PositiveSmallIntegerField(default=0)  # 1 half-way notice given
    # The clock of a case that waits for our own people: a proposal, no partner found, a pause to look at again.
    wait_due_at = models.DateTimeField(null=True)
    wait_kind = models.CharField(max_length=12, blank=True)  # triage | unrouted | waiting | review
    wait_told = models.PositiveSmallIntegerField(default=0)  # 1 half-way notice given, 2 missed
    clocks_missed = models.PositiveSmallIntegerField(default=0)
    dates = models.JSONField(default=list)  # its CaseDates in force, for lists: [{"id", "kind", "date", "ends_at"}]
    due_at = models.DateTimeField(null=True)  # the next moment at which something goes wrong
    # triage | answer | contact | unrouted | waiting | review | date
    due_kind = models.CharField(max_length=12, blank=True)
    routing_wanted_at = models.DateTimeField(null=True)  # the state is the queue: a worker routes it
    routing_attempts = models.PositiveSmallIntegerField(default=0)
    unrouted_at = models.DateTimeField(null=True)  # since when no partner is found; NULL: it never came so far
    woken_at = models.DateTimeField(null=True)  # unrouted: when it was last tried again
    closed_at = models.DateTimeField(null=True)
    wrote_again_at = models.DateTimeField(
        null=True
    )  # the person did something after the end and nobody has dealt with it
    updated_at = models.DateTimeField()
    last_event = models.CharField(max_length=32, blank=True)  # code of the newest timeline event
    last_event_at = models.DateTimeField(null=True)
    event_count = models.PositiveIntegerField(default=0)  # sequence of the timeline
    chain_head = models.BinaryField(max_length=32, default=bytes)  # hash of the newest timeline event

    responsible = models.ForeignKey("cases.User", on_delete=models.SET_NULL, null=True, related_name="+")
    is_practice = models.BooleanField(default=False)
    compared_at = models.DateTimeField(null=True)  # with other cases, for links; NULL: a worker does it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(urgency__range=(1, 4)), name="case_urgency_1_to_4"),
            models.CheckConstraint(
                condition=~Q(state="closed") | (~Q(outcome="") & Q(closed_at__isnull=False)),
                name="closed_with_outcome_and_date",
            ),
        ]
        indexes = [
            models.Index(fields=["side", "state", "urgency", "received_at", "id"], name="case_queue"),
            models.Index(
                fields=["side", "due_at", "id"], condition=Q(due_at__isnull=False) & _GOES_ON, name="case_due"
            ),
            # Most cases have ended and are oldest: a list of what goes on must not read its way through them.
            models.Index(
                fields=["responsible", "urgency", "received_at", "id"], condition=_GOES_ON, name="case_mine_open"
            ),
            models.Index(
                fields=["routing_wanted_at"], condition=Q(routing_wanted_at__isnull=False), name="case_wants_routing"
            ),
            models.Index(fields=["side", "urgency", "received_at", "id"], condition=_GOES_ON, name="case_open"),
            models.Index(fields=["id"], condition=Q(compared_at__isnull=True), name="case_not_compared"),
            models.Index(
                fields=["side", "wrote_again_at"], condition=Q(wrote_again_at__isnull=False), name="case_wrote_again"
            ),
            models.Index(
                fields=["triage_due_at"],
                condition=Q(triaged_at__isnull=True, triage_missed=False) & _GOES_ON,
                name="case_triage_runs",
            ),
            models.Index(
                fields=["wait_due_at"],
                condition=Q(wait_due_at__isnull=False, wait_told__lt=2) & _GOES_ON,
                name="case_wait_runs",
            ),
            models.Index(
                fields=["category", "country", "urgency"], condition=Q(state="unrouted"), name="case_unrouted"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
