"""An operator changes the questions of the form: as a new version, looked at before it is asked. Old ones stay."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from intake.errors import InvalidInput
from intake.models import ProblemCategory, ProblemSubcode, QuestionSet, Report
from intake.queries.reference import forget_reference_data
from intake.questionnaire import faults_of
from intake.vocabulary import About


def faults_of_questions(definition: Any) -> list[Any]:
    """Sentences in the reader's language, each naming the question that is wrong."""
    return faults_of(
        definition,
        codes={
            "about": About.values,
            "category": list(ProblemCategory.objects.values_list("code", flat=True)),
            "subcode": list(ProblemSubcode.objects.values_list("code", flat=True)),
        },
    )


@transaction.atomic(durable=True)
def save_questions(*, definition: Mapping[str, Any], edited: int | None) -> QuestionSet:
    """The step below in a transaction of its own."""
    return save_questions_step(definition=definition, edited=edited)


def save_questions_step(*, definition: Mapping[str, Any], edited: int | None) -> QuestionSet:
    """The set that now holds this definition; it is not asked yet. `edited`: the version that was being edited.

    A version that is asked, or that a report names, is never changed: the next one is made. A step (Django's admin
    opens the transaction). Raises InvalidInput.
    """
    if faults := faults_of_questions(definition):
        raise InvalidInput(fields={"definition": faults})
    kept = {name: value for name, value in definition.items() if name != "version"}  # no longer as it was shipped
    QuestionSet.objects.select_for_update().order_by("version").first()  # two who save at once follow one another
    row = QuestionSet.objects.filter(pk=edited).first() if edited is not None else None
    if row is not None and not row.is_active and not _is_used(row.version):
        row.definition = kept
        row.save(update_fields=["definition"])
        return row
    newest = QuestionSet.objects.order_by("-version").values_list("version", flat=True).first() or 0
    row = QuestionSet(version=newest + 1, definition=kept, is_active=False)
    row.save(force_insert=True)
    return row


def _is_used(version: int) -> bool:
    return Report.objects.filter(questions_version=version).exists()


def ask_questions(*, version: int) -> None:
    """From now on this version is asked, also when it is an older one: newer ones wait. Raises InvalidInput."""
    with transaction.atomic(durable=True):
        row = QuestionSet.objects.select_for_update().get(pk=version)
        if faults := faults_of_questions(row.definition):
            raise InvalidInput(fields={"definition": faults})
        QuestionSet.objects.filter(version__gt=version).update(is_active=False)
        row.is_active = True
        row.save(update_fields=["is_active"])
    forget_reference_data()
