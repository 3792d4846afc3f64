"""The exception that a failed deployment raises."""


class DeployError(Exception):
    """A part of a deployment failed; the message names the part, the cause and the remedy."""
