"""The one exception of deployments."""


class DeployError(Exception):
    """AWS does not do what was asked; the message names the thing, the cause and the remedy."""
