"""The name under which actions know `intake.clean_text`."""

from intake.clean_text import TooLong, clean_line, clean_text

__all__ = ["TooLong", "clean_line", "clean_text"]
