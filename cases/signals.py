"""The one signal of cases: outbox rows were committed. Receivers set a flag and nothing else."""

from django.dispatch import Signal

outbox_written = Signal()
