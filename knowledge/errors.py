"""The root of every error that a person may read: the message is the docstring of its class."""

import inspect


class TouchstoneError(Exception):
    """Something is not as it must be."""

    def __str__(self) -> str:
        """What is wrong and what to do, with the detail (a path, a name; never what a person wrote) in brackets."""
        message = inspect.cleandoc(self.__doc__ or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
        detail = ", ".join(map(str, self.args))
        return f"{message} ({detail})" if detail else message
