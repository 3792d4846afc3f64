"""Stand-ins for AWS on 127.0.0.1: ministack for everything but SageMaker, moto for that.

Both pin botocore, so they run from a virtual environment of their own (`make .venv-aws/.ready`), in a process group of
their own, and end with whoever started them. What they keep is in a temporary folder.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.support import free_port

BIN = PROJECT_ROOT / ".venv-aws" / "bin"
REGION = "eu-central-1"
START_SECONDS = 300  # ministack takes two; on a machine with other work it has taken a minute


@dataclass(frozen=True)
class Emulator:
    """A server that answers like AWS."""

    url: str
    log: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """What a process must have in its environment to talk to it, and to nothing else."""

    def client(self, service: str) -> Any:
        """A boto3 client of it."""
        return boto3.client(
            service,  # pyright: ignore[reportCallIssue, reportArgumentType] - any service
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}),
        )

    def reset(self) -> None:
        """Forgets everything."""
        path = "/moto-api/reset" if "moto" in self.log.name else "/_ministack/reset"
        httpx.post(f"{self.url}{path}", timeout=30).raise_for_status()


def missing() -> str | None:
    """Why the emulators cannot be started here; None if they can."""
    absent = [name for name in ("ministack", "moto_server") if not (BIN / name).is_file()]
    return f"no {' and no '.join(absent)} in {BIN}: make .venv-aws/.ready" if absent else None


@contextmanager
def ministack(folder: Path, **more: str) -> Iterator[Emulator]:
    """S3, Glue's catalog and job API, Athena that runs SQL, Lambda, CloudWatch, SNS, CloudFormation, IAM.

    Args:
        folder: For its data and log.
        more: Further variables of its environment, such as `AUTH="true"`, with which IAM policies are enforced.
    """
    port = free_port()
    own = {
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "ATHENA_ENGINE": "duckdb",
        "ATHENA_DATA_DIR": str(folder / "athena"),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",  # would listen on all addresses, and takes most of the start
        "SFTP_ENABLED": "0",
        **more,
    }
    with _running([str(BIN / "ministack")], own, folder / "ministack.log", port, "/_ministack/health") as emulator:
        yield emulator


@contextmanager
def moto(folder: Path) -> Iterator[Emulator]:
    """SageMaker's API."""
    port = free_port()
    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    own = {"TMPDIR": str(folder)}
    with _running(command, own, folder / "moto.log", port, "/moto-api/data.json") as emulator:
        yield emulator


def environment(url: str) -> dict[str, str]:
    """Variables that lead every AWS SDK to one server, with keys that are nobody's; no file of the user is read."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_ALLOW_HTTP": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def _running(command: list[str], own: Mapping[str, str], log: Path, port: int, health: str) -> Iterator[Emulator]:
    log.parent.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**clean, **own},
            start_new_session=True,  # so that what it starts, such as functions, ends with it
        )
    try:
        _wait(process, f"{url}{health}", log)
        yield Emulator(url, log, environment(url))
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args} did not answer at {url}; it said:\n{log.read_text(errors='replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
