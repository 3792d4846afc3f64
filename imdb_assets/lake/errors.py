"""The one exception of the lake."""


class LakeError(Exception):
    """A table cannot be read or published; the message names the table, the cause and the remedy."""
