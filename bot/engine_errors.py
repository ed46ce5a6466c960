"""What can be wrong with a database, in words; ``bot.engines`` gives these names on."""

from knowledge.errors import TouchstoneError


class Busy(TouchstoneError):
    """The database cannot take this at the moment; nothing was changed, try again."""


class Unreachable(Busy):
    """The database does not answer; see that its server runs and that its address and password are right."""


class UnsafeDatabase(TouchstoneError):
    """The database does not hold a setting on which durability rests; use SQLite 3.37 or PostgreSQL 15, or later."""


class BadAddress(TouchstoneError):
    """The address of a database reads postgresql://user@host/name or sqlite:////folder/file.

    A password stands before the @, or better in the file that PGPASSFILE names; after a ? it would be shown.
    """
