"""Logs: JSON lines on standard error, without requests, addresses, or a word that anybody wrote; they never fail."""

import json
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


def log_without_words() -> None:
    """Sets it up: events of ours as they are, of libraries only who warned and how badly."""
    handler = logging.StreamHandler(cast("TextIO", _Unfailing()))
    handler.setFormatter(_Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)  # their words too: else they are printed as they are
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Unfailing())),
    )


class _Bare(logging.Formatter):
    """Drops the message and the traceback: either may quote what was to be stored."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"level": record.levelname.lower(), "logger": record.name, "line": record.lineno})


class _Unfailing:
    """Standard error, as long as there is one: a report is not lost because a log cannot be written."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
