"""Internal notes: sealed, of the responsible side, never in the timeline."""

from datetime import datetime

import pytest
from django.db import connection

from cases.actions.add_note import NOTE_LIMIT, add_note
from cases.errors import NotAllowed, NotFound
from cases.models import Note, TimelineEvent
from intake.errors import InvalidInput, ReportErased
from intake.models import ReportKey
from tests.cases.arrange import acting, opened, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_a_note_is_kept_and_can_be_read_with_the_key(now: datetime) -> None:
    case, user = opened(now), staff()
    note = add_note(case_id=case.pk, text="  Zəng etdim.\r\nSabah yenə. ", by=acting(user), now=now)
    stored = Note.objects.get(case=case)
    assert stored.unseal(ReportKey.of(case.report_id), "text") == "Zəng etdim.\nSabah yenə."
    assert (stored.author, stored.written_at) == (user, now)
    assert TimelineEvent.objects.get(code="note_added").details == {"note": str(note.pk)}


def test_no_word_of_it_lies_open_in_the_database(now: datetime) -> None:
    add_note(case_id=opened(now).pk, text="Canary words", by=acting(staff()), now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM cases_note")
        assert b"Canary" not in bytes(cursor.fetchone()[0])
    assert "Canary" not in str(list(TimelineEvent.objects.values()))


@pytest.mark.parametrize(
    ("sign", "times"), [("", 0), (" \n\t ", 1), ("\u202e", 1), ("x", NOTE_LIMIT + 1), ("ə", 10**6)]
)
def test_empty_and_endless_notes_are_refused(sign: str, times: int, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_note(case_id=opened(now).pk, text=sign * times, by=acting(staff()), now=now)
    assert list(refused.value.fields) == ["text"] and not Note.objects.exists()


def test_the_other_side_does_not_find_the_case(now: datetime) -> None:
    with pytest.raises(NotFound):
        add_note(case_id=opened(now).pk, text="Hello", by=acting(staff(side="RU")), now=now)


def test_an_administrator_writes_none(now: datetime) -> None:
    with pytest.raises(NotAllowed):
        add_note(case_id=opened(now).pk, text="Hello", by=acting(staff("administrator")), now=now)


def test_after_erasure_nothing_more_is_written(now: datetime) -> None:
    case = opened(now)
    ReportKey.objects.filter(report_id=case.report_id).delete()
    with pytest.raises(ReportErased):
        add_note(case_id=case.pk, text="Hello", by=acting(staff()), now=now)
