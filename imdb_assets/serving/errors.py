"""Everything the serving code refuses, each with the HTTP status the app answers with.

Messages are one sentence or two: what came, what was expected, what to do. Only exceptions belong here.
"""

from typing import ClassVar


class ServingError(Exception):
    """A request that gets no prediction; the message names the cause and the remedy."""

    status: ClassVar[int] = 500


class BadRequestError(ServingError):
    """The request cannot be read as rows or as a question."""

    status = 400


class UnknownFilm(ServingError):  # noqa: N818 - what the user did is ask, not err
    """No film of that id is in the lake."""

    status = 404


class TooLargeError(ServingError):
    """More than one request may hold."""

    status = 413


class InvalidError(ServingError):
    """JSON of the right form with a field that is missing, unknown or out of bounds."""

    status = 422


class NotAcceptableError(ServingError):
    """The answer cannot be in any content type that the client accepts."""

    status = 406


class UnsupportedFormatError(ServingError):
    """A content type that the endpoint does not read."""

    status = 415


class NotReadyError(ServingError):
    """The lake or the model store lacks what an answer needs; materializing helps, repeating the request does not."""

    status = 503


class EndpointError(Exception):
    """The model server cannot be started, reached or asked; the message names the cause and the remedy."""
