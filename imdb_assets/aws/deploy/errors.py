"""The exception of deployments."""


class DeployError(Exception):
    """AWS refused something; the message names the thing, the cause and the remedy."""
