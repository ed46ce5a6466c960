"""What is logged when something breaks: an incident number, and the place; never what a person wrote."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb

import structlog

_log = structlog.get_logger()


def report(error: BaseException) -> str:
    """Logs what broke and where, and gives the incident's number.

    An exception's message can hold what a person wrote (a database error quotes its parameters), so neither it nor a
    traceback with values is logged: the kinds of exception, outermost first, and the file and line of each call.
    """
    incident = secrets.token_hex(4)
    kinds = [type(cause).__qualname__ for cause in _causes(error)]
    places = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(error.__traceback__)]
    _log.error("request failed", incident=incident, kinds=kinds, places=places)
    return incident


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
