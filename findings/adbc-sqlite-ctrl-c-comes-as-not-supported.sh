#!/usr/bin/env bash
# Question: A program writes a million rows to SQLite with ADBC's adbc_ingest, and the user presses Ctrl-C. What happens?
# Guess: KeyboardInterrupt, and the rest of the rows is not written.
# What happens: All rows are written first. Then adbc_ingest raises NotSupportedError ("NOT_IMPLEMENTED") instead of
#   KeyboardInterrupt, and with autocommit the table holds every row. ADBC's driver manager handles Ctrl-C itself: it asks
#   the driver to cancel, SQLite's driver has no cancel, and the manager's error about that takes the place of Ctrl-C.
# Versions: adbc-driver-manager 1.13.0, adbc-driver-sqlite 1.13.0, pyarrow 25.0.1.
# For a user: "except Exception" takes Ctrl-C for a failed write, and retries it: the rows are there twice. Run the ingest in
#   a thread other than the main one (Python then raises KeyboardInterrupt in the main thread), or close the source of the
#   batches upon your own SIGINT handler.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile adbc-driver-sqlite==1.13.0 adbc-driver-manager==1.13.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import os
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from adbc_driver_sqlite import dbapi

BATCHES, ROWS = 20, 1000


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if got != want:
        sys.exit(f"CHANGED: {what} was {want!r}")


def votes(asked, interrupted=True):
    """Rows in batches; Ctrl-C is pressed while the third batch is made."""
    def batches():
        for number in range(BATCHES):
            asked.append(number)
            if number == 2 and interrupted:
                os.kill(os.getpid(), signal.SIGINT)
            yield pa.record_batch({"votes": pa.array(range(number * ROWS, (number + 1) * ROWS))})

    return pa.RecordBatchReader.from_batches(pa.schema({"votes": pa.int64()}), batches())


def write(path, reader):
    with dbapi.connect(path, autocommit=True) as database, database.cursor() as cursor:
        return cursor.adbc_ingest("ratings", reader, mode="create")


def written(path):
    with sqlite3.connect(path) as database:
        return database.execute("select count(*) from ratings").fetchone()[0]


signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal; a background job ignores Ctrl-C
expect("rows without Ctrl-C", write("whole.db", votes([], interrupted=False)), BATCHES * ROWS)

asked = []
try:
    write("main.db", votes(asked))
    raised = "nothing"
except BaseException as error:
    raised = f"{type(error).__name__}: {error}"
expect("in the main thread", raised, "NotSupportedError: NOT_IMPLEMENTED")
expect("batches taken after Ctrl-C", len(asked) - 3, BATCHES - 3)
expect("rows in the table", written("main.db"), BATCHES * ROWS)

try:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write, "thread.db", votes([])).result()
    raised = "nothing"
except BaseException as error:
    raised = type(error).__name__
expect("in another thread", raised, "KeyboardInterrupt")
PY
