"""A logger for Slack's libraries that says where something was wrong, and not a word of what anybody wrote.

At some levels they log whole payloads, and the messages of their errors quote what Slack answered.
"""

import logging


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


QUIET = _quiet()
"""Given to whatever of Slack's libraries takes a logger; those that they make themselves take its level and filter."""
