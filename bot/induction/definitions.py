"""Which policies have an induction."""

from knowledge.errors import TouchstoneError


class NoSuchInduction(TouchstoneError):
    """This policy has no induction; put an induction.toml into its folder."""
