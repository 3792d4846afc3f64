"""The exception of deployments."""


class DeployError(Exception):
    """A part of a deployment failed; the message names the part, the cause and the remedy."""
