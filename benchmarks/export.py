"""`imdb export imdb.sqlite --names imdb-sqlite` beside imdb-sqlite 2.1.0, and SQLite's own time for the same rows.

    python -m benchmarks.export --scale 0.1

Both read the same generated dumps: imdb-sqlite the files, the export the lake that was made from them before the clock
started. imdb-sqlite ends on a line that has too few fields and on an id that comes twice, so these lines are left out.
The floor is SQLite alone: it copies the rows from a finished file into an empty one, makes the indexes and statistics.
"""

import argparse
import gzip
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from benchmarks.dumps import generated
from benchmarks.jobs import JOBS
from benchmarks.platform_engine import PlatformRunner
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import file_name
from imdb_assets.settings import load_settings
from imdb_assets.warehouse.imdb_sqlite import RELATIONS

PEER = "imdb-sqlite==2.1.0"
AIM = 2.5
"""Times as fast as the peer."""

QUERIES: dict[str, str] = {
    "a title and its rating": """
        select t.title_id, t.type, t.primary_title, t.premiered, t.genres, r.rating, r.votes
        from titles t inner join ratings r on r.title_id = t.title_id
        where t.primary_title = (select primary_title from titles join ratings using (title_id)
                                 where type = 'movie' order by votes desc limit 1) and t.type = 'movie'""",
    "the episodes of a series by rating": """
        select st.primary_title, st.premiered, st.genres, e.season_number, e.episode_number, et.primary_title,
               r.rating, r.votes
        from titles as st
        inner join episodes e on e.show_title_id = st.title_id
        inner join titles et on e.episode_title_id = et.title_id
        left outer join ratings r on et.title_id = r.title_id
        where st.title_id = (select show_title_id from episodes group by 1 order by count(*) desc, 1 limit 1)
        order by r.rating desc, et.title_id""",
    "two people in one title": """
        select t.title_id, t.type, t.primary_title, t.premiered, t.genres, c1.characters, c2.characters
        from people p1
        inner join crew c1 on c1.person_id = p1.person_id
        inner join titles t on t.title_id = c1.title_id
        inner join crew c2 on c2.title_id = t.title_id
        inner join people p2 on p2.person_id = c2.person_id
        where p1.person_id = (select person_id from crew where category = 'actor' group by 1
                              order by count(*) desc, 1 limit 1)
          and c1.category = 'actor' and c2.category = 'actress'
        order by t.title_id, c2.ordering""",
}
"""The examples of imdb-sqlite's README, with titles and people that the generated dumps have."""

console = Console()


@dataclass(frozen=True)
class Time:
    """How long a program took."""

    seconds: float
    cpu_seconds: float


def peer_environment(folder: Path) -> Path:
    """The peer's program, in an environment of its own that is made once."""
    uv, program = Path(sys.executable).with_name("uv"), folder / "bin" / "imdb-sqlite"
    if not program.exists():
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True)  # noqa: S603
        subprocess.run([uv, "pip", "install", "-q", "--python", folder / "bin" / "python", PEER], check=True)  # noqa: S603
    return program


def make_lake(dumps: Path, home: Path) -> Lake:
    """Bronze of these dumps."""
    runner = PlatformRunner(dumps, home)
    runner.run(JOBS["ingest"])
    return runner.lake


def readable_dumps(dumps: Path, lake: Lake, out: Path) -> Path:
    """The dumps without the lines that are in quarantine or repeat the id of a keyed table."""
    out.mkdir(parents=True, exist_ok=True)
    keyed = {"name.basics", "title.basics", "title.ratings"}
    for dump in DUMP_CONTRACTS:
        quarantine = lake.table(f"quarantine.{dump.replace('.', '_')}").scan().collect()
        skipped, known = {*quarantine["line"]}, set[bytes]()
        with gzip.open(dumps / file_name(dump)) as source, gzip.open(out / file_name(dump), "wb", 3) as target:
            for number, line in enumerate(source, start=1):
                name = line.partition(b"\t")[0]
                if number in skipped or (dump in keyed and name in known):
                    continue
                if dump in keyed:
                    known.add(name)
                target.write(line)
    return out


def run_peer(program: Path, dumps: Path, out: Path) -> Time:
    """imdb-sqlite, from the dumps."""
    return _timed([str(program), "--db", str(out), "--cache-dir", str(dumps)])


def run_export(home: Path, out: Path) -> Time:
    """The export, from the lake below `home`."""
    imdb = [sys.executable, "-c", "from imdb_assets.cli.app import main; main()"]
    return _timed([*imdb, "export", str(out), "--names", "imdb-sqlite"], IMDB_DATA=str(home))


def run_floor(finished: Path, out: Path) -> Time:
    """SQLite alone, from a finished file."""
    cpu, started = time.process_time(), time.monotonic()
    with closing(sqlite3.connect(out, isolation_level=None)) as database:
        database.executescript("pragma journal_mode = off; pragma synchronous = off")
        database.execute("attach ? as finished", [str(finished)])
        made = database.execute("select type, name, sql from finished.sqlite_schema where sql is not null").fetchall()
        for kind, name, statement in made:
            if kind == "table" and name != "sqlite_stat1":
                database.execute(statement)
                database.execute(f"insert into main.{name} select * from finished.{name} where true")  # noqa: S608
        for statement in (statement for kind, _, statement in made if kind == "index"):
            database.execute(statement)
        database.execute("analyze main")
    return Time(time.monotonic() - started, time.process_time() - cpu)


def differences(one: Path, other: Path) -> list[str]:
    """Tables, indexes and queries that differ between two files; empty if they answer alike."""
    found: list[str] = []
    with closing(sqlite3.connect(one)) as database:
        database.execute("attach ? as other", [str(other)])
        for name in (relation.name for relation in RELATIONS):
            for left, right in (("main", "other"), ("other", "main")):
                missing = database.execute(
                    f"select count(*) from (select * from {left}.{name} except select * from {right}.{name})"  # noqa: S608
                ).fetchone()[0]
                found += [f"{missing} rows of {name}"] if missing else []
        indexes = "select name from {}.sqlite_schema where type = 'index' order by 1"
        if database.execute(indexes.format("main")).fetchall() != database.execute(indexes.format("other")).fetchall():
            found.append("indexes")
    for title, query in QUERIES.items():
        answers: list[object] = []
        for file in (one, other):
            with closing(sqlite3.connect(file)) as database:
                answers.append(database.execute(query).fetchall())
        if answers[0] != answers[1] or not answers[0]:
            found.append(title)
    return found


def _timed(command: list[str], **environment: str) -> Time:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, env=os.environ | environment)  # noqa: S603
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Time(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Prints one line per program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--scale", type=float, default=0.1, help="size of the generated dumps; 1 is IMDb's own")
    parser.add_argument("--rounds", type=int, default=1, help="how many times to measure; the fastest counts")
    given = parser.parse_args()
    root = load_settings().data / "bench"
    home = root / "export"
    shutil.rmtree(home, ignore_errors=True)
    made = generated(given.scale, root)
    lake = make_lake(made, home)
    dumps, program = readable_dumps(made, lake, home / "dumps"), peer_environment(root / "imdb-sqlite")
    files = {name: home / f"{name}.sqlite" for name in ("peer", "export", "floor")}
    runs: dict[str, Callable[[], Time]] = {
        "peer": lambda: run_peer(program, dumps, files["peer"]),
        "export": lambda: run_export(home, files["export"]),
        "floor": lambda: run_floor(files["export"], files["floor"]),
    }
    best: dict[str, Time] = {}
    for _ in range(given.rounds):
        for name, run in runs.items():
            files[name].unlink(missing_ok=True)
            took = run()
            best[name] = min(best.get(name, took), took, key=lambda one: one.seconds)
    if found := differences(files["peer"], files["export"]):
        sys.exit(f"The files differ: {', '.join(found)}")
    rows = sum(
        lake.table(name).rows for name in ("bronze.title_principals", "bronze.title_akas", "bronze.title_basics")
    )
    grid = Grid(
        "program",
        "seconds",
        "processor seconds",
        title=f"Scale {given.scale:g}, {rows / 1e6:.1f} M rows of three tables",
    )
    for name, words in (("peer", PEER), ("export", "imdb export"), ("floor", "SQLite alone")):
        grid.add_row(words, f"{best[name].seconds:.1f}", f"{best[name].cpu_seconds:.1f}")
    console.print(grid)
    ratio = best["peer"].seconds / best["export"].seconds
    console.print(
        f"{ratio:.2f} times as fast (aim {AIM}); {files['export'].stat().st_size / 1e6:,.0f} MB; rows and answers equal"
    )


if __name__ == "__main__":
    main()
