"""The report's row, locked: two acts of a person on one report happen one after the other."""

from uuid import UUID

from intake.errors import ReportErased, ReportTakenBack, UnknownCode
from intake.models import Report

_COLUMNS = ("id", "reference", "language", "country", "region", "about", "subject_unaware", "withdrawn_at", "erased_at")


def locked_report(report_id: UUID, *, is_open: bool = False) -> Report:
    """Without its encrypted columns. Raises ReportErased; with `is_open` also ReportTakenBack.

    The lock is no stronger than that of erase_report: foreign keys to the row stay possible.
    """
    report = Report.objects.select_for_update(no_key=True).only(*_COLUMNS).filter(pk=report_id).first()
    if report is None:
        raise UnknownCode()
    if report.erased_at is not None:
        raise ReportErased()
    if is_open and report.withdrawn_at is not None:
        raise ReportTakenBack()
    return report
