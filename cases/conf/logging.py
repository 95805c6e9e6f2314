"""Logging: ids and codes only. Request bodies, query strings and exception values never reach a log line."""

import logging
from typing import Any


class WithoutValues(logging.Formatter):
    """Prints where a fault came from, and its type, but not its message: a message may hold what somebody typed."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is logging's)
        kind, _value, trace = ei
        lines = []
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename}:{trace.tb_lineno} in {code.co_name}")
            trace = trace.tb_next
        name = getattr(kind, "__name__", "Exception")
        return "\n".join([*lines[-12:], f"  {name}"])


class WithoutQuery(logging.Filter):
    """Django logs the path of failed requests; what follows the question mark stays out."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(str(arg).split("?", 1)[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


def logging_configuration(*, level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": WithoutValues, "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        },
        "filters": {"without_query": {"()": WithoutQuery}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_query"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "axes": {"level": "ERROR"},
        },
    }
