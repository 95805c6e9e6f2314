"""How urgent a case is and why, and what is wrong with a rule that says so. Pure: no row, no clock."""

from .faults import CONDITIONS, faults_of
from .rules import (
    AMBIGUOUS_INDICATORS,
    CHECKS,
    COERCED_SIGNATURES,
    DATE_KINDS,
    MEDICAL_NEEDS,
    MINOR_BANDS,
    PAST_DAYS,
    STRONG_INDICATORS,
    WORK_CATEGORIES,
    Assessment,
    Facts,
    Firing,
    Grade,
    Rule,
    assess,
)

__all__ = [
    "AMBIGUOUS_INDICATORS",
    "CHECKS",
    "COERCED_SIGNATURES",
    "CONDITIONS",
    "DATE_KINDS",
    "MEDICAL_NEEDS",
    "MINOR_BANDS",
    "PAST_DAYS",
    "STRONG_INDICATORS",
    "WORK_CATEGORIES",
    "Assessment",
    "Facts",
    "Firing",
    "Grade",
    "Rule",
    "assess",
    "faults_of",
]
