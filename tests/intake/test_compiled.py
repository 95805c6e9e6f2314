"""What is compiled once writes and reads exactly what Django would."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.test.utils import CaptureQueriesContext

from intake.compiled import Insert, Read, Rows, Update
from intake.compiled.writing import MOST_ROWS
from intake.encryption import DataKey, new_key
from intake.models import BlindIndex, Consent, IntakeEvent, PublicStatus, Report, SafeContact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_reference")]
SOME = datetime(2026, 1, 1, tzinfo=UTC)


def report(now: datetime, **values: Any) -> Report:
    made = Report(
        reference=uuid4().hex[:12],
        code_hash=uuid4().bytes,
        received_at=now,
        channel="web",
        language_id="az",
        country_id="RU",
        category_id="WRK",
        **values,
    )
    made.seal(DataKey(new_key()), answers={"held": "no"}, story="Canary")
    return made


def contents(model: Any, pk: Any) -> dict[str, Any]:
    return dict(model.objects.filter(pk=pk).values().get())


def contact(owner: Report, now: datetime) -> SafeContact:
    return SafeContact(
        report=owner,
        never_contact=True,
        days=[5, 6],
        hours_from=time(18, 30),
        hours_until=time(21),
        timezone="UTC",
        created_at=now,
    )


@pytest.mark.parametrize("values", [{}, {"source_ref": uuid4(), "questions_version": 3, "subject_unaware": True}])
def test_a_row_is_written_as_save_writes_it(now: datetime, values: dict[str, Any]) -> None:
    ours = report(now, **values)
    theirs = Report.objects.get(pk=save_copy(ours))
    Insert(Report)([ours])
    differing = {"id", "reference", "code_hash"}
    found = [{k: v for k, v in contents(Report, row.pk).items() if k not in differing} for row in (ours, theirs)]
    assert str(found[0]) == str(found[1])
    assert bytes(Report.objects.get(pk=ours.pk).story.blob) == ours.story.blob


def save_copy(row: Report) -> Any:
    copied = Report(**{field.attname: getattr(row, field.attname) for field in Report._meta.concrete_fields})
    copied.pk, copied.reference, copied.code_hash = uuid4(), uuid4().hex[:12], uuid4().bytes
    copied.save(force_insert=True)
    return copied.pk


def test_json_and_times_are_kept(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    row = contact(owner, now)
    Insert(SafeContact)([row])
    kept = SafeContact.objects.get(pk=row.pk)
    assert (kept.days, kept.hours_from, kept.created_at) == ([5, 6], time(18, 30), now)


@pytest.mark.parametrize("count", [0, 1, 3, MOST_ROWS + 1])
def test_any_number_of_rows_is_one_statement(now: datetime, count: int) -> None:
    owner, insert = report(now), Insert(Consent)
    Insert(Report)([owner])
    for round_ in (1, 2):
        rows = [
            Consent(
                report=owner, question="share", answer="any", text_version=n, language="az", how="api", given_at=now
            )
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as seen:
            insert(rows)
        assert len(seen) == min(count, 1)
        assert Consent.objects.count() == count * round_
    assert len(insert._compiled) <= 1


def test_a_row_gets_its_number_and_is_no_new_one_any_more(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    event = IntakeEvent(report=owner, kind="message", at=now)
    Insert(IntakeEvent)([event])
    assert event.pk == IntakeEvent.objects.get().pk
    event.attempts = 3
    event.save()
    assert IntakeEvent.objects.get().attempts == 3


def test_a_row_that_is_there_is_replaced_where_that_is_asked_for(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    replace = Insert(PublicStatus, replaces=("code", "updated_at"))
    for code in ("triage", "offered"):
        replace([PublicStatus(report=owner, code=code, updated_at=now)])
    assert PublicStatus.objects.get().code == "offered"


def test_a_constraint_still_decides_and_spoils_the_transaction(now: datetime) -> None:
    one, other = report(now), report(now)
    other.reference = one.reference
    insert = Insert(Report)
    insert([one])
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert([other])
        assert connection.needs_rollback


# --- with gaps ------------------------------------------------------------------------------------------------------


def waiting(kind: str, until: datetime) -> QuerySet[Any]:
    events = IntakeEvent.objects.filter(kind=kind, at__lte=until, taken_up_at__isnull=True, report__about="me")
    return events.values_list("kind", "report_id", "at", "report__subject_unaware")[:5]


def test_what_is_read_is_what_the_queryset_reads(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    for kind in ("message", "file", "file"):
        IntakeEvent.objects.create(report=owner, kind=kind, at=now)
    read = Read(waiting, kind=("a", "b"), until=(SOME, SOME + timedelta(1)))
    for kind, until in (("file", now), ("message", now), ("file", now - timedelta(1)), ("' OR ''='", now)):
        assert read(kind=kind, until=until) == list(waiting(kind, until))
    assert len(read(kind="file", until=now)) == 2


def test_an_update_says_how_many_rows(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    event = IntakeEvent.objects.create(report=owner, kind="file", at=now)
    untaken = lambda event_id: IntakeEvent.objects.filter(pk=event_id, taken_up_at__isnull=True)  # noqa: E731
    take = Update(untaken, sets={"taken_up_at": "now"}, event_id=(1, 2), now=(SOME, SOME + timedelta(1)))
    assert [take(event_id=event.pk, now=now), take(event_id=event.pk, now=now), take(event_id=0, now=now)] == [1, 0, 0]
    event.refresh_from_db()
    assert event.taken_up_at == now


def test_a_name_that_fills_no_gap_is_refused() -> None:
    read = Read(lambda kind: BlindIndex.objects.filter(kind="name").values_list("kind"), kind=("a", "b"))
    with pytest.raises(ValueError, match="kind is no parameter"):
        read(kind="phone")


# --- whole rows -------------------------------------------------------------------------------------------------------
IDS = (UUID(int=1), UUID(int=2))


def plain(row: Any) -> str:
    return str({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})


def test_rows_are_what_the_queryset_gives(now: datetime) -> None:
    owner, other = report(now), report(now)
    Insert(Report)([owner, other])
    read = Rows(lambda report: SafeContact.objects.filter(report_id=report).order_by("pk"), report=IDS)
    assert read(report=owner.pk) == []
    Insert(SafeContact)([contact(owner, now), contact(other, now), contact(owner, now)])
    with CaptureQueriesContext(connection) as queries:
        found = read(report=owner.pk)
    theirs = SafeContact.objects.filter(report_id=owner.pk).order_by("pk")
    assert len(queries) == 1 and queries[0]["sql"] == str_of(theirs)
    assert list(map(plain, found)) == list(map(plain, theirs)) and len(found) == 2
    assert found[0]._state.db == "default" and not found[0]._state.adding


def str_of(queryset: QuerySet[Any]) -> str:
    with CaptureQueriesContext(connection) as queries:
        list(queryset)
    return str(queries[0]["sql"])


def test_related_deferred_and_added_columns_are_filled(now: datetime) -> None:
    owner = report(now)
    Insert(Report)([owner])
    Insert(SafeContact)([contact(owner, now)])

    def build(report: UUID) -> QuerySet[SafeContact]:
        later = ExpressionWrapper(F("report__received_at"), output_field=DateTimeField())
        rows = SafeContact.objects.filter(report_id=report).select_related("report").defer("report__story", "days")
        return rows.annotate(came_at=later)

    read = Rows(build, report=IDS)
    read(report=uuid4())
    with CaptureQueriesContext(connection) as queries:
        row: Any = read.first(report=owner.pk)
        assert (row.came_at, row.report.reference, row.report_id) == (now, owner.reference, owner.pk)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert (row.days, bytes(row.report.story.blob)) == ([5, 6], owner.story.blob)
    assert len(queries) == 2, "what was left out is read when somebody asks for it"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction(now: datetime) -> None:
    owner = report(now)
    with transaction.atomic():
        owner.save(force_insert=True)
    read = Rows(lambda report: Report.objects.select_for_update().filter(pk=report), report=IDS)
    for _ in "once compiled, and then from what was compiled":
        with pytest.raises(transaction.TransactionManagementError):
            read(report=owner.pk)
        with transaction.atomic():
            assert read(report=owner.pk) == [owner]
