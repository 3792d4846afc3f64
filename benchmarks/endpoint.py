"""Latency, throughput and memory of the endpoint: `python -m benchmarks.endpoint`, after `make demo`.

A row goes in, a rating comes out, over loopback, by clients that do nothing but wait: bytes made beforehand, sent over
one connection each. Beside it, as the floor, the same rows scored in this process by XGBoost alone. Processor time per
request is given too, since it does not depend on what else the machine does.
"""

import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.jobs import BenchError
from benchmarks.processes import cpu_of, memory_of
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.models import ModelStore
from imdb_assets.ml import artifact, training
from imdb_assets.serving.answers import HOST
from imdb_assets.settings import PROJECT_ROOT, Settings, load_settings

REGIME = "with votes"
ROWS = 500
"""Different films, asked for in turn."""
CLIENTS = 8
BATCH = 10_000
WARM = 300
ROUNDS_OF_BATCH = 5
SOAK_PARTS = 10

console = Console()
app = typer.Typer(pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Server:
    """A server process of its own."""

    port: int
    pid: int

    def memory_mb(self, which: str = "VmRSS") -> float:
        """Resident memory now, or at its highest (`VmHWM`), MB."""
        return memory_of(self.pid, which) / 1e6

    def processor_seconds(self) -> float:
        """User and system time so far."""
        return cpu_of(self.pid)


class Client:
    """One kept connection that sends bytes as they are and reads whole answers."""

    def __init__(self, port: int) -> None:
        """Connects."""
        self._socket = socket.create_connection((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """The body of the answer.

        Raises:
            BenchError: The answer is another than 200, or not complete.
        """
        self._socket.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._received(1 << 16)
        head, body = answer[:end].lower(), answer[end + 4 :]
        if not head.startswith(b"http/1.1 200"):
            raise BenchError(f"The endpoint refused: {body[:300].decode()}")
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        parts = [body]
        missing = length - len(body)
        while missing > 0:
            parts.append(self._received(1 << 20))
            missing -= len(parts[-1])
        return b"".join(parts)

    def _received(self, at_most: int) -> bytes:
        if part := self._socket.recv(at_most):
            return part
        raise BenchError("The endpoint hung up before its answer was complete; its own words are above.")

    def close(self) -> None:
        """Disconnects."""
        self._socket.close()


@app.command()
def bench(
    requests: Annotated[int, typer.Option(min=1_000, help="Of one client, and of eight together.")] = 20_000,
    soak: Annotated[int, typer.Option(min=0, help="Requests over which memory must not grow; 0 leaves it out.")] = (
        200_000
    ),
) -> None:
    """Measures the endpoint on the model in service of this deployment, and prints figures beside their aims."""
    settings = load_settings()
    model = artifact.load(Path(ModelStore(settings.models_folder).current().path))
    rows = _rows(settings, model)
    table = Table("what", "measured", "aim")
    _floor(table, model, rows)
    with server_of(settings) as server:
        table.add_row("memory after the start", f"{server.memory_mb():.0f} MB", "≤ 500 MB")
        bodies = [_request(_json(model, row)) for row in rows]
        _one(table, "one client, JSON row", server, bodies, requests)
        _one(table, "one client, CSV row", server, [_request(_csv(row[None]), "text/csv") for row in rows], requests)
        _eight(table, server, bodies, requests)
        _batch(table, server, rows)
        if soak:
            _soak(table, server, bodies, soak)
        table.add_row("memory at its highest", f"{server.memory_mb('VmHWM'):.0f} MB", "≤ 500 MB")
    console.print(table)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(
        f"{os.cpu_count()} cores, load {load}; {len(model.record.regimes[REGIME].features)} features", end=", "
    )
    console.print(f"{model.record.regimes[REGIME].trees} trees; server and clients share the cores")


def _rows(settings: Settings, model: artifact.LoadedModel) -> NDArray[np.float32]:
    films = Lake(settings.lake_folder).table("gold.movie_features").scan()
    return training.matrix(films.drop_nulls("num_votes").head(ROWS).collect(), model.record.regimes[REGIME].features)


def _floor(table: Table, model: artifact.LoadedModel, rows: NDArray[np.float32]) -> None:
    """What XGBoost alone takes in this process."""
    from xgboost import DMatrix

    booster = model.boosters[REGIME]
    names = booster.feature_names

    def by_matrix(row: NDArray[np.float32]) -> None:
        booster.predict(DMatrix(row, feature_names=names, nthread=1))

    def in_place(row: NDArray[np.float32]) -> None:
        booster.inplace_predict(row, validate_features=False)

    for name, score in (("Booster.predict", by_matrix), ("Booster.inplace_predict", in_place)):
        times = times_of(lambda number, score=score: score(rows[number % len(rows)][None]), 2_000)
        table.add_row(f"floor: {name}, a row, in process", quantiles(times), "")
    batch = np.resize(rows, (BATCH, rows.shape[1]))
    seconds = min(times_of(lambda _: in_place(batch), ROUNDS_OF_BATCH))
    table.add_row(f"floor: inplace_predict, {BATCH:,} rows, in process", f"{seconds:.3f} s", "")


def _one(table: Table, name: str, server: Server, bodies: list[bytes], requests: int) -> None:
    client = Client(server.port)
    for body in bodies[:WARM]:
        client.ask(body)
    before = server.processor_seconds()
    times = times_of(lambda number: client.ask(bodies[number % len(bodies)]), requests)
    used = (server.processor_seconds() - before) / requests
    client.close()
    table.add_row(name, quantiles(times), "p50 ≤ 2 ms, p99 ≤ 5 ms")
    table.add_row(f"{name}: the server's processor time", f"{used * 1000:.3f} ms a request", "")


def _eight(table: Table, server: Server, bodies: list[bytes], requests: int) -> None:
    each = requests // CLIENTS

    def run(offset: int) -> list[float]:
        client = Client(server.port)
        try:
            return times_of(lambda number: client.ask(bodies[(number + offset) % len(bodies)]), each)
        finally:
            client.close()

    before, started = server.processor_seconds(), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        times = [value for part in pool.map(run, range(CLIENTS)) for value in part]
    seconds = time.perf_counter() - started
    used = server.processor_seconds() - before
    table.add_row(f"{CLIENTS} clients, JSON row", f"{len(times) / seconds:,.0f} requests/s", "≥ 1,000 requests/s")
    table.add_row(f"{CLIENTS} clients, latency", quantiles(times), "")
    table.add_row(
        f"{CLIENTS} clients, per second of the server's processor time", f"{len(times) / used:,.0f} requests", ""
    )


def _batch(table: Table, server: Server, rows: NDArray[np.float32]) -> None:
    body = _request(_csv(np.resize(rows, (BATCH, rows.shape[1]))), "text/csv")
    client = Client(server.port)
    times = times_of(lambda _: client.ask(body), ROUNDS_OF_BATCH)
    client.close()
    table.add_row(f"{BATCH:,} rows, CSV", f"{min(times):.3f} s at best, {max(times):.3f} s at worst", "≤ 0.5 s")


def _soak(table: Table, server: Server, bodies: list[bytes], requests: int) -> None:
    """Memory at ten points of a long run."""
    each = requests // SOAK_PARTS // CLIENTS
    memory = [server.memory_mb()]
    for _ in range(SOAK_PARTS):

        def run(offset: int) -> None:
            client = Client(server.port)
            for number in range(each):
                client.ask(bodies[(number + offset) % len(bodies)])
            client.close()

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(run, range(CLIENTS)))
        memory.append(server.memory_mb())
    grown = max(second - first for first, second in pairwise(memory))
    table.add_row(
        f"memory over {requests:,} requests",
        f"{memory[0]:.0f} → {memory[-1]:.0f} MB; {grown:+.1f} MB at most in a tenth",
        "no growth",
    )


def times_of(work: Callable[[int], object], count: int) -> list[float]:
    """Seconds of each of `count` calls, which get their number."""
    times: list[float] = []
    for number in range(count):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    return times


def quantiles(times: list[float]) -> str:
    """Median and 99th percentile of times in seconds, as milliseconds in words."""
    p50, p99 = np.quantile(np.array(times) * 1000, [0.5, 0.99])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def _json(model: artifact.LoadedModel, row: NDArray[np.float32]) -> bytes:
    names = model.record.regimes[REGIME].features
    values = {name: None if np.isnan(value) else float(value) for name, value in zip(names, row, strict=True)}
    return json.dumps({"instances": [values]}).encode()


def _csv(rows: NDArray[np.float32]) -> bytes:
    return "".join(
        ",".join("" if math.isnan(value) else repr(value) for value in row) + "\n" for row in rows.tolist()
    ).encode()


def _request(body: bytes, kind: str = "application/json") -> bytes:
    head = f"POST /invocations HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextmanager
def server_of(settings: Settings) -> Iterator[Server]:
    """A server of this deployment on a free port, ended afterwards; the deployment's own is recorded again."""
    record = settings.data / "endpoint.json"
    recorded = record.read_bytes() if record.exists() else None
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "imdb_assets.cli.serve"]
    environment = {**os.environ, "IMDB_DATA": str(settings.data), "IMDB_SERVING_PORT": str(port)}
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment) as process:  # noqa: S603 - our own command
        try:
            while process.poll() is None:
                try:
                    Client(port).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.1)
            else:
                raise BenchError(f"The endpoint ended at once, with {process.returncode}; its own words are above.")
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait()
            record.unlink(missing_ok=True) if recorded is None else record.write_bytes(recorded)


if __name__ == "__main__":
    try:
        app()
    except BenchError as error:
        sys.exit(str(error))
