"""What a reader says of a document that it cannot read."""

from knowledge.errors import TouchstoneError


class UnreadableDocument(TouchstoneError):
    """This document cannot be read as a policy."""
