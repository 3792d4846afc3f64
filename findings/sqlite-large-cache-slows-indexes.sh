#!/usr/bin/env bash
# Question: How much faster does SQLite make an index of a large table with a larger page cache?
# Guess: A good deal, as advice on bulk loads has it: `pragma cache_size = -262144` before `create index`.
# What happens: It takes more than twice the processor time, for the same file. The cache's size is also how much the
#   sorter collects before it sorts and spills (vdbesort.c); presumably 2 MB, the default, fit the processor's cache.
# Versions: SQLite 3.53.1, from adbc-driver-sqlite 1.13.0; SQLite 3.40.1 does the same.
# For a user: leave cache_size alone while indexes are made, or measure; raise it for what reads pages again and again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile adbc-driver-sqlite==1.13.0 pyarrow==25.0.0

venv/bin/python - <<'PY'
import hashlib
import sys
import time
from pathlib import Path

import adbc_driver_sqlite.dbapi as adbc

ROWS = 1_500_000
FILL = f"""
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers limit {ROWS})
    insert into titles select printf('tt%08d', n * 2654435761 % 100000000) from numbers"""


def index(kib: int, file: Path) -> float:
    """Processor seconds of an index of shuffled ids, with a cache of so many KiB; the better of two."""
    seconds = []
    for _ in range(2):
        file.unlink(missing_ok=True)
        with adbc.connect(str(file), autocommit=True) as database, database.cursor() as cursor:
            for statement in ("pragma journal_mode = off", "pragma synchronous = off", "create table titles (tconst text)"):
                cursor.execute(statement)
            cursor.execute(FILL)
            cursor.execute(f"pragma cache_size = -{kib}")
            started = time.process_time()
            cursor.execute("create index ix on titles (tconst)")
            seconds.append(time.process_time() - started)
    return min(seconds)


with adbc.connect() as database, database.cursor() as cursor:
    cursor.execute("select sqlite_version()")
    print("SQLite", cursor.fetchone()[0])
small, large = Path("small.db"), Path("large.db")
default, larger = index(2_000, small), index(262_144, large)
print(f"{ROWS:,} ids: {default:.2f} s with 2 MB of cache, {larger:.2f} s with 256 MB: {larger / default:.1f} times as long")
same = hashlib.sha256(small.read_bytes()).digest() == hashlib.sha256(large.read_bytes()).digest()
print("equal files:", same)
if larger < 1.3 * default or not same:
    sys.exit("CHANGED: a cache of 256 MB took 1.3 times as long at least, for the same file")
PY
