"""Statements of the busiest path: Django compiles each of them once in a process, then only the values change.

A report costs a dozen statements. Building and compiling the same SQL anew took half of its time. Knows no table of
ours, and writes no SQL of its own.
"""

from .reading import Read, Rows
from .writing import Insert, Update

__all__ = ["Insert", "Read", "Rows", "Update"]
