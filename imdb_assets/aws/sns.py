"""Sends alerts to an SNS topic."""

from dataclasses import dataclass

from imdb_assets.aws.client import aws_errors, client
from imdb_assets.lake.errors import LakeError
from imdb_assets.monitoring.channels import ChannelError
from imdb_assets.monitoring.evaluate import Alert

LONGEST_SUBJECT = 100
"""Largest length of a message's subject; SNS's API sets this limit."""


@dataclass(frozen=True)
class Topic:
    """Publishes to an SNS topic, with alarm, severity, state and asset as attributes that subscriptions filter by."""

    arn: str

    def send(self, alert: Alert) -> None:
        """Sends one message per alert; the client retries transient failures."""
        attributes = {
            "alarm": alert.alarm.name,
            "severity": alert.alarm.severity,
            "state": alert.state,
            "asset": alert.asset or "deployment",
        }
        said = f"alerts did not reach the SNS topic {self.arn} (IMDB_ALERT_TOPIC), and will be sent again"
        try:
            with aws_errors(said):
                client("sns", self.arn.split(":")[3]).publish(  # the topic may be in another region than the lake
                    TopicArn=self.arn,
                    Subject=alert.subject[:LONGEST_SUBJECT],
                    Message=alert.text,
                    MessageAttributes={
                        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                    },
                )
        except LakeError as error:
            raise ChannelError(str(error)) from error
