"""Build, size, latency and memory of the index of titles: `python -m benchmarks.titles`, after `make demo` or any run.

The benchmark builds the index again from the lake's tables (`--no-build` leaves that out) and asks it for ids and by
words, which a seed draws, in this process and over a server of its own: first with the file's pages dropped from the
system's cache, then once more. The aims are those of a lake of IMDb's size.
"""

import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.table import Table

from benchmarks.endpoint import Client, console, quantiles, server_of, times_of
from benchmarks.jobs import BenchError
from benchmarks.processes import peak_bytes
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.provenance import Provenance
from imdb_assets.serving import title_index
from imdb_assets.serving.answers import HOST
from imdb_assets.serving.titles import Titles
from imdb_assets.settings import Settings, load_settings

SEED = 20_261_128
SEARCHES = 2_000

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def bench(
    *,
    ids: Annotated[int, typer.Option(min=100, help="Different ids to ask for.")] = 10_000,
    build: Annotated[bool, typer.Option(help="Build the index again first.")] = True,
) -> None:
    """Measures the index of titles of this deployment's lake, and prints figures beside their aims."""
    settings = load_settings()
    table = Table("what", "from the disk", "again", "aim")
    if build:
        _build(table, settings)
    file = title_index.sound(settings.titles_folder).file
    table.add_row("size", f"{file.stat().st_size / 1e6:,.0f} MB", "", "")
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as index:
        asked = _drawn(index, ids)
    titles = Titles(settings.titles_folder)
    titles.titles([])  # opens the index
    for name, (_, calls, aim) in asked.items():
        _measure(table, f"{name}, in process", [partial(call, titles) for call in calls], aim, file)
    with server_of(settings) as server:
        memory, client = server.memory_mb(), Client(server.port)
        (opening,) = times_of(lambda _: client.ask(_request("/titles?q=a")), 1)
        for name, (addresses, _, aim) in asked.items():
            _measure(table, f"{name}, over HTTP", [partial(client.ask, _request(one)) for one in addresses], aim, file)
        client.close()
        table.add_row("the first request, which opens the index", f"{opening:.1f} s", "", "")
        table.add_row("the server's memory after the start", f"{memory:.0f} MB", "", "")
        table.add_row("the server's memory at its highest", "", f"{server.memory_mb('VmHWM'):.0f} MB", "≤ 500 MiB")
    console.print(table)
    console.print(f"{os.cpu_count()} cores, load {' '.join(f'{value:.1f}' for value in os.getloadavg())}")


def _measure(table: Table, name: str, calls: list[Callable[[], object]], aim: str, file: Path) -> None:
    """Adds a row with the times of the calls: after dropping the file from the system's cache, and once more.

    Beside the time that passed stands this thread's processor time, which other work on the machine hardly changes.
    """
    found: list[str] = []
    for cold in (True, False):
        if cold:
            _drop_from_cache(file)
        used: list[float] = []

        def timed(number: int, used: list[float] = used) -> None:
            before = time.thread_time()
            calls[number]()
            used.append(time.thread_time() - before)

        found.append(f"{quantiles(times_of(timed, len(calls)))}; processor {quantiles(used)}")
    table.add_row(name, *found, aim)


def _build(table: Table, settings: Settings) -> None:
    lake = Lake(settings.lake_folder)
    scans = {name: lake.table(name).scan() for name in title_index.READS}
    known = title_index.published(settings.titles_folder)
    started, used = time.perf_counter(), time.process_time()
    rows = title_index.publish(settings.titles_folder, scans, known.made_from if known else Provenance())
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    counted = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    table.add_row("rows", counted, "", "")
    table.add_row("build", f"{seconds:.1f} s, {processor:.1f} s of processor time", "", "")
    table.add_row("memory of the build", f"{peak_bytes() / 2**30:.2f} GiB", "", "")


Asked = tuple[list[str], list[Callable[[Titles], object]], str]
"""Addresses, the same questions in process, and the aim."""


def _drawn(index: sqlite3.Connection, ids: int) -> dict[str, Asked]:
    """Random titles by id; and searches by beginnings of titles, with and without kind and year."""
    draw = random.Random(SEED)
    (highest,) = index.execute("select max(id) from titles").fetchone()
    slots = ",".join(str(draw.randint(1, highest)) for _ in range(ids))
    found = index.execute(
        f"select tconst, kind, start_year, title from titles where id in ({slots})"  # noqa: S608 - numbers of our own
    ).fetchall()
    draw.shuffle(found)
    names = [title_index.text_id("tt", tconst) for tconst, *_ in found]
    one: Asked = (
        [f"/titles/{name}" for name in names],
        [partial(Titles.title, tconst=name) for name in names],
        "p99 ≤ 10 ms",
    )
    plain: Asked = ([], [], "p99 ≤ 50 ms")
    narrowed: Asked = ([], [], "p99 ≤ 50 ms")
    for _, kind, year, title in [row for row in found if all(row[1:])][:SEARCHES]:
        typed = (title[: draw.randint(1, len(title))].strip() or title)[:200]
        plain[0].append(f"/titles?q={quote(typed)}")
        plain[1].append(partial(Titles.search, typed=typed))
        narrowed[0].append(f"/titles?q={quote(typed)}&kind={kind}&year={year}")
        narrowed[1].append(partial(Titles.search, typed=typed, kind=kind, year=year))
    return {"an id": one, "a search": plain, "a search with kind and year": narrowed}


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
