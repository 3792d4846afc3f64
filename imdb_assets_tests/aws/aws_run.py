"""What a run asks of AWS: requests to S3, metrics and log lines of the daily task, counted on the emulator.

    python -m imdb_assets_tests.aws.aws_run --scale 0.03 --scale 0.1

For each size, dumps are generated, the task of the image runs on them twice, the second time on changed dumps, and what
the second run asked for is counted by a proxy between it and ministack. Prints JSON.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dagster as dg

from benchmarks.dumps import generated
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.resources import S3_REQUESTS
from imdb_assets_tests.aws import emulators
from imdb_assets_tests.aws.buckets import make_buckets
from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.task import run_task

PREFIX = "imdb-counted"
HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}
SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


@dataclass
class Counted:
    """Requests since it was emptied."""

    requests: Counter[str] = field(default_factory=Counter[str])
    """By class of price: `s3 write` (PUT, POST, LIST), `s3 read` (GET, HEAD), `s3 delete` (free); else the service."""
    by_polars: Counter[str] = field(default_factory=Counter[str])
    """Of these, those of Polars' own client."""
    operations: Counter[str] = field(default_factory=Counter[str])
    read_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, operation: str, size: int, agent: str) -> None:
        """One request."""
        with self.lock:
            self.requests[kind] += 1
            self.by_polars[kind] += agent.startswith("polars")
            self.operations[operation] += 1
            self.read_bytes += size if kind == "s3 read" else 0


def classified(method: str, path: str, authorization: str) -> tuple[str, str]:
    """Class of price, and operation, of a request."""
    found = SERVICE.search(authorization)
    service = found[1] if found else "unsigned"
    if service != "s3":
        return service, service
    parts = urlsplit(path)
    asked, key = parse_qs(parts.query, keep_blank_values=True), parts.path.strip("/").partition("/")[2]
    if method == "DELETE" or "delete" in asked:
        return "s3 delete", "delete"
    if method in ("PUT", "POST"):
        part = "part" if "partNumber" in asked else "multipart" if {"uploads", "uploadId"} & asked.keys() else "put"
        return "s3 write", part
    if not key and method == "GET":
        return "s3 write", "list"
    return "s3 read", method.lower()


class Proxy(ThreadingHTTPServer):
    """Hands every request to a server on a port of this machine, and counts it."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Listens on a free port; `serve_forever` does the rest."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = port
        self.counted = Counted()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy  # pyright: ignore[reportIncompatibleVariableOverride]

    def _pass(self) -> None:
        body = self._body()
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=600)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        headers["Content-Length"] = str(len(body))
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        kind = classified(self.command, self.path, self.headers.get("Authorization", ""))
        self.server.counted.add(*kind, len(content), self.headers.get("User-Agent", ""))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP | {"content-length", "date", "server"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts: list[bytes] = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""


def _task(folder: Path, dumps: Path, proxy: Proxy, environment: dict[str, str]) -> dict[str, Any]:
    """One run of the image's task, which finds an empty disk; what it asked for."""
    home = folder / f"home-{time.monotonic_ns()}"
    proxy.counted = Counted()
    began = time.monotonic()
    settings = {
        "IMDB_SOURCE": "folder",
        "IMDB_SOURCE_FOLDER": str(dumps),
        "IMDB_LAKE": "s3",
        "IMDB_AWS_PREFIX": PREFIX,
        "IMDB_HOST": "task",
        "IMDB_TRIGGER": "external",
        "IMDB_CLOUDWATCH_NAMESPACE": PREFIX,
    }
    done = run_task(home, {**environment, **settings})
    seconds = time.monotonic() - began
    recorded = _recorded(home)
    history = sum(path.stat().st_size for path in home.rglob("*") if path.is_file() and "data" not in path.parts)
    shutil.rmtree(home)
    said = done.stdout + done.stderr
    (folder / "log.txt").write_text(said, encoding="utf-8")
    return {
        "succeeded": done.returncode == 0,
        "seconds": round(seconds, 1),
        "requests": dict(proxy.counted.requests),
        "of these by Polars": dict(proxy.counted.by_polars),
        "recorded by runs": recorded,
        "operations": dict(proxy.counted.operations),
        "bytes read": proxy.counted.read_bytes,
        "log bytes": len(said.encode()),
        "history bytes": history,
    }


def _recorded(home: Path) -> dict[str, Any]:
    """What the latest runs of each job have said of their requests, as `ops.costs` gets it."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        latest = {run.job_name: run.tags.get(S3_REQUESTS) for run in reversed(instance.get_runs())}
    return {job: json.loads(said) for job, said in latest.items() if said}


def _changed(dumps: Path) -> None:
    """Another day's dumps: a line more in each, which nobody can read."""
    for name in DUMP_CONTRACTS:
        with (dumps / f"{name}.tsv.gz").open("ab") as file:
            file.write(gzip.compress(b"another day\n", mtime=0))


def count(scale: float, keep_log: Path | None) -> dict[str, Any]:
    """What a run on changed dumps of this size asks for."""
    with tempfile.TemporaryDirectory(prefix="counted-") as name, emulators.ministack(Path(name)) as ministack:
        folder = Path(name)
        dumps = generated(scale, folder)
        proxy = Proxy(int(ministack.url.rpartition(":")[2]))
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        environment = emulators.environment(f"http://127.0.0.1:{proxy.server_address[1]}")
        for variable, value in ministack.environment.items():
            os.environ[variable] = value
        make_buckets(ministack, PREFIX)
        first = _task(folder, dumps, proxy, environment)
        _changed(dumps)
        second = _task(folder, dumps, proxy, environment)
        if keep_log:
            shutil.copy(folder / "log.txt", keep_log)
        proxy.shutdown()
        return {
            "scale": scale,
            "dump bytes": sum(path.stat().st_size for path in dumps.iterdir()),
            "lake bytes": _stored(ministack),
            "series": _series(ministack),
            "first run": first,
            "changed run": second,
        }


def _stored(ministack: Emulator) -> dict[str, int]:
    """Use of a bucket → bytes in it."""
    s3, found = ministack.client("s3"), dict[str, int]()
    for bucket in s3.list_buckets()["Buckets"]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"])
        found[bucket["Name"].rpartition("-")[2]] = sum(
            one["Size"] for page in pages for one in page.get("Contents", [])
        )
    return found


def _series(ministack: Emulator) -> int:
    """Series in CloudWatch."""
    pages = ministack.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=PREFIX)
    return sum(len(page["Metrics"]) for page in pages)


def main() -> None:
    """Counts, prints."""
    parser = argparse.ArgumentParser(prog="python -m imdb_assets_tests.aws.aws_run", description=__doc__)
    parser.add_argument("--scale", type=float, action="append", required=True, help="of IMDb's size; several times")
    parser.add_argument("--log", type=Path, help="where to put what the last run said")
    given = parser.parse_args()
    for scale in given.scale:
        print(json.dumps(count(scale, given.log), indent=1), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main()
