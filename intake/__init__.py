"""Intake: keeps what the reporter said and may read. Imports nothing else of ours."""
