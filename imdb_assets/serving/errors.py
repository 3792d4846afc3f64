"""The errors of the serving code. An error about a request has an HTTP status.

An error message is one or two sentences that say what was received, what was expected, and what to do.
"""

from typing import ClassVar


class ServingError(Exception):
    """A request that gets no prediction; the message names the cause and the remedy."""

    status: ClassVar[int] = 500


class BadRequestError(ServingError):
    """The request cannot be read as rows or as the description of a film."""

    status = 400


class UnknownIdError(ServingError):
    """No film, title or person has the requested id."""

    status = 404


class TooLargeError(ServingError):
    """The request is larger than allowed."""

    status = 413


class InvalidError(ServingError):
    """The JSON has the right form, but a field is missing, unknown or out of bounds."""

    status = 422


class NotAcceptableError(ServingError):
    """The client accepts no content type that the answer can have."""

    status = 406


class UnsupportedFormatError(ServingError):
    """The endpoint cannot read bodies of the request's content type."""

    status = 415


class NotReadyError(ServingError):
    """The lake or model store lacks data for the answer; a repeated request fails, too, until assets are made."""

    status = 503


class EndpointError(Exception):
    """The model server cannot be started, reached or asked; the message names the cause and the remedy."""
