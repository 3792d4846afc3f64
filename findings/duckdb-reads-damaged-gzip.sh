#!/usr/bin/env bash
# Question: a gzip file was damaged: one byte of the text changed, the CRC-32 at its end is that of the original.
#   gzip, Python, isal, Polars and pyarrow refuse it. Does DuckDB?
# Guess: yes. The checksum stands at the end of every gzip member for this.
# What happens: read_csv reads the file without a word and returns the changed number. Neither CRC-32 nor length is looked at.
#   A file cut off in the middle is refused, but by its missing end, not by a checksum.
# Versions: duckdb 2.0.0, isal 1.9.0, polars 2.1.0, pyarrow 25.0.0.
# What follows: test downloads with gzip -t (or isal, which is faster) before DuckDB reads them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check duckdb==2.0.0 isal==1.9.0 polars==2.1.0 pyarrow==25.0.0
WORK="$work" "$work/venv/bin/python" - <<'PY'
import gzip
import os
import subprocess
import zlib

import duckdb
import isal
import polars as pl
import pyarrow.csv
from isal import igzip

print("duckdb", duckdb.__version__, "| isal", isal.__version__, "| polars", pl.__version__, "| pyarrow", pyarrow.__version__)
path = os.environ["WORK"] + "/title.ratings.tsv.gz"
text = b"tconst\tvotes\ntt0000001\t1000\ntt0000002\t2000\n"
stored = zlib.compressobj(0, zlib.DEFLATED, 31)  # kept as it is, so that one byte of the file is one byte of the text
content = bytearray(stored.compress(text) + stored.flush())
at = content.index(b"2000")
content[at : at + 1] = b"9"
with open(path, "wb") as file:
    file.write(content)


def by_gzip():
    done = subprocess.run(["gzip", "-dc", path], capture_output=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.decode().strip().split(": ")[-1])


def read(opened):
    with opened(path, "rb") as file:
        file.read()


readers = {
    "gzip": by_gzip,
    "Python": lambda: read(gzip.open),
    "isal": lambda: read(igzip.open),
    "polars": lambda: pl.read_csv(path, separator="\t"),
    "pyarrow": lambda: pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(delimiter="\t")),
}
for name, reader in readers.items():
    try:
        reader()
        outcome = "read"
    except OSError as error:
        outcome = "refused: " + str(error).splitlines()[0][:60]
    print(f"{name}: {outcome}")
    assert outcome.startswith("refused")
rows = duckdb.connect().execute(f"select * from read_csv('{path}', delim = '\t', header = true)").fetchall()
print("duckdb:", rows)
assert rows == [("tt0000001", 1000), ("tt0000002", 9000)]
PY
