"""Build, size, latency and memory of the index of titles: `python -m benchmarks.titles`, after `make demo` or any run.

The benchmark builds the index again from the lake's tables and starts a server of its own. It asks the server for ids
and searches, which a seed draws: first with the file's pages dropped from the system's cache, then once more. The aims
are those of a lake of IMDb's size.
"""

import os
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.table import Table

from benchmarks.endpoint import Client, console, quantiles, server_of, times_of
from benchmarks.jobs import BenchError
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.answers import HOST
from imdb_assets.settings import Settings, load_settings

SEED = 20_261_128
SEARCHES = 2_000

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def bench(ids: Annotated[int, typer.Option(min=100, help="Different ids to ask for.")] = 10_000) -> None:
    """Measures the index of titles of this deployment's lake, and prints figures beside their aims."""
    settings = load_settings()
    table = Table("what", "measured", "aim")
    file = _build(table, settings)
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as index:
        by_id, searches = _addresses(index, ids)
    _drop_from_cache(file)
    with server_of(settings) as server:
        memory = server.memory_mb()
        client = Client(server.port)
        client.ask(_request("/titles?q=a"))  # opens the index
        _drop_from_cache(file)
        for name, addresses, aim in (
            ("an id, from the disk", by_id, ""),
            ("an id", by_id, "p99 ≤ 10 ms"),
            ("a search, from the disk", searches, ""),
            ("a search", searches, "p99 ≤ 50 ms"),
        ):
            if "disk" in name:
                _drop_from_cache(file)
            requests = [_request(address) for address in addresses]
            times = times_of(lambda number, requests=requests: client.ask(requests[number]), len(requests))
            table.add_row(name, f"{quantiles(times)}, at most {max(times) * 1000:.1f} ms", aim)
        client.close()
        table.add_row("memory after the start", f"{memory:.0f} MB", "")
        table.add_row("memory at its highest", f"{server.memory_mb('VmHWM'):.0f} MB", "≤ 500 MiB")
    console.print(table)
    console.print(f"{os.cpu_count()} cores, load {' '.join(f'{value:.1f}' for value in os.getloadavg())}")


def _build(table: Table, settings: Settings) -> Path:
    lake = Lake(settings.lake_folder)
    scans = {name: lake.table(name).scan() for name in title_index.READS}
    known = title_index.published(settings.titles_folder)
    started, used = time.perf_counter(), time.process_time()
    rows = title_index.publish(settings.titles_folder, scans, known.made_from if known else Provenance())
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    file = title_index.sound(settings.titles_folder).file
    counted = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    table.add_row("rows", counted, "")
    table.add_row("build", f"{seconds:.1f} s, {processor:.1f} s of processor time", "")
    table.add_row("size", f"{file.stat().st_size / 1e6:,.0f} MB", "")
    return file


def _addresses(index: sqlite3.Connection, ids: int) -> tuple[list[str], list[str]]:
    """Addresses of random titles, and of searches: beginnings of titles, with and without kind and year."""
    draw = random.Random(SEED)
    (highest,) = index.execute("select max(id) from titles").fetchone()
    drawn = [draw.randint(1, highest) for _ in range(ids)]
    slots = ",".join(map(str, drawn))
    found = index.execute(
        f"select tconst, kind, start_year, title from titles where id in ({slots})"  # noqa: S608 - numbers of our own
    ).fetchall()
    draw.shuffle(found)
    by_id = [f"/titles/{title_index.text_id('tt', tconst)}" for tconst, *_ in found]
    searches: list[str] = []
    for number, (_, kind, year, title) in enumerate(row for row in found[:SEARCHES] if row[3]):
        typed = title[: draw.randint(1, len(title))].strip() or title
        more = f"&kind={kind}&year={year}" if number % 4 == 0 and kind and year else ""
        searches.append(f"/titles?q={quote(typed[:200])}{more}")
    return by_id, searches


def _request(address: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def _drop_from_cache(file: Path) -> None:
    """Asks the system to forget a file's pages."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    try:
        app()
    except BenchError as error:
        sys.exit(str(error))
