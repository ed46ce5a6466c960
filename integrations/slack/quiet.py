"""What may be said of an error of Slack's: where something was wrong, and not a word of what anybody wrote.

At some levels they log whole payloads, and the messages of their errors quote what Slack answered.
"""

import logging
import re
from collections.abc import Mapping

_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


class _WithoutWords(logging.Filter):
    """Takes message, arguments and traceback out of each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "something was wrong in a library of Slack's", None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def _quiet() -> logging.Logger:
    logger = logging.getLogger("touchstone.slack")
    logger.setLevel(logging.WARNING)  # what is below is not even put together
    logger.addFilter(_WithoutWords())
    return logger


def code(failure: BaseException) -> str:
    """The code of an error; of a page that some proxy put in its place no words, but its status; else its kind.

    What Slack's libraries give along may be an answer of theirs, a bare one, or what stood in it: text, bytes, nothing.
    """
    response = getattr(failure, "response", None)
    if response is None:
        return type(failure).__name__
    data = getattr(response, "data", response)
    error = str(data.get("error") or "") if isinstance(data, Mapping) else ""
    if _CODE.fullmatch(error):
        return error
    return f"status {getattr(response, 'status_code', None) or getattr(response, 'status', 0)}"


QUIET = _quiet()
"""Given to whatever of Slack's libraries takes a logger; those that they make themselves take its level and filter."""
