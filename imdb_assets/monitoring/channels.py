"""Channels for alerts: a webhook and e-mail, and on AWS also SNS (`aws/sns.py`). The caller logs the alerts.

Each channel sends one alert or raises `ChannelError`; transient failures are retried for a few seconds. An alert is
recorded as sent only after every channel has accepted it, so an alert may arrive twice, but no alert is lost.
"""

import smtplib
import ssl
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from imdb_assets.monitoring.evaluate import Alert

SECONDS = 10.0
"""Seconds to wait for an answer before a server counts as silent."""
ATTEMPTS = 3
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ChannelError(Exception):
    """An alert could not be delivered; the message names the channel, the cause and the remedy."""


class SilentError(ChannelError):
    """The channel does not answer at all, so it is pointless to send more alerts over this channel."""


class _MayPassError(Exception):
    """A transient failure: the same attempt may succeed a little later."""


class Channel(Protocol):
    """A way to deliver alerts to people."""

    def send(self, alert: Alert) -> None:
        """Delivers one alert.

        Raises:
            ChannelError: The alert was not delivered.
        """
        ...


def deliver(alerts: Sequence[Alert], channels: Sequence[Channel]) -> list[str]:
    """Sends every alert over every channel; returns the failures in words.

    A failure does not stop the remaining alerts, but a channel that does not answer at all gets no further alert.
    """
    failures: list[str] = []
    for channel in channels:
        for alert in alerts:
            try:
                channel.send(alert)
            except SilentError as error:
                failures.append(str(error))
                break  # the channel has timed out once; do not wait again for each alert
            except ChannelError as error:
                failures.append(str(error))
    return failures


@dataclass(frozen=True)
class Webhook:
    """POSTs the alert as JSON, with `text` for chat programs and separate fields for other programs."""

    address: str

    def send(self, alert: Alert) -> None:
        """Sends one POST per alert; follows no redirect, so that the alert's details reach no other host."""
        import httpx

        body = {
            "text": alert.text,
            "subject": alert.subject,
            "alarm": alert.alarm.name,
            "state": alert.state,
            "severity": alert.alarm.severity,
            "asset": alert.asset,
            "part": alert.part,
            "metric": alert.alarm.metric,
            "value": alert.value,
            "condition": alert.alarm.condition,
            "cause": alert.alarm.cause,
            "remedy": alert.alarm.remedy,
            "detail": alert.said,
            "run": alert.run_url,
            "runbook": alert.alarm.runbook,
            "at": alert.at.isoformat(),
            "since": alert.since.isoformat(),
        }

        def post() -> None:
            try:
                answer = httpx.post(self.address, json=body, timeout=SECONDS)
            except httpx.TransportError as error:
                raise _MayPassError(str(error) or type(error).__name__) from error
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                raise _MayPassError(f"it answered {answer.status_code}")
            if not answer.is_success:
                raise _refused(self._name, f"it answered {answer.status_code}", "IMDB_ALERT_WEBHOOK")

        _attempt(post, self._name, "IMDB_ALERT_WEBHOOK")

    @property
    def _name(self) -> str:
        return f"webhook at {urlsplit(self.address).hostname}"  # the rest of the address is often the secret


@dataclass(frozen=True)
class Email:
    """Sends plain text over SMTP, with TLS if the server offers TLS."""

    server: str
    """Address with user, password and port. The scheme is `smtps` for TLS from the first byte, else `smtp`."""
    sender: str
    recipients: Sequence[str]

    def send(self, alert: Alert) -> None:
        """Sends one message to all recipients.

        If the server refuses some recipients, sending counts as failed, and the next attempt again goes to all
        recipients. Until the refused addresses are corrected, the accepted recipients get the same message repeatedly.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, ", ".join(self.recipients), alert.subject
        message.set_content(alert.text)

        def post() -> None:
            try:
                with self._connected() as server:
                    refused = server.send_message(message)
            except (smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
                raise _refused(self._name, str(error), "IMDB_SMTP_URL and IMDB_ALERT_EMAIL") from error
            except (OSError, smtplib.SMTPException) as error:
                raise _MayPassError(str(error) or type(error).__name__) from error
            if refused:  # the server refused some recipients; if it refuses all, send_message raises an error
                raise _refused(self._name, f"it refused {', '.join(refused)}", "IMDB_ALERT_EMAIL")

        _attempt(post, self._name, "IMDB_SMTP_URL")

    @property
    def _name(self) -> str:
        return f"mail server {urlsplit(self.server).hostname}"

    @contextmanager
    def _connected(self) -> Generator[smtplib.SMTP]:
        address = urlsplit(self.server)
        host, trusted = address.hostname or "", ssl.create_default_context()
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=SECONDS, context=trusted)
        else:
            server = smtplib.SMTP(host, address.port or 25, timeout=SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=trusted)
                server.ehlo()
            elif address.scheme == "smtp" and address.username and host not in LOOPBACK:
                raise _refused(self._name, "TLS is missing, so the password would go unencrypted", "IMDB_SMTP_URL")
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
            yield server
            with suppress(OSError, smtplib.SMTPException):  # the message was accepted, so a failure now is harmless
                server.quit()
        finally:
            server.close()


def _attempt(post: Callable[[], None], name: str, setting: str) -> None:
    retrying = Retrying(
        retry=retry_if_exception_type(_MayPassError),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.2, max=2),
        reraise=True,
    )
    try:
        retrying(post)
    except _MayPassError as error:
        raise SilentError(str(_refused(name, f"{error}, {ATTEMPTS} times", setting))) from error


def _refused(name: str, why: str, setting: str) -> ChannelError:
    return ChannelError(f"alerts did not reach the {name}: {why}. Check {setting}; the alerts will be sent again.")
