#!/usr/bin/env bash
# Question: a contract says integer. A column of 7.9 and -7.9 is validated with cast=True. Refused, rounded or cut?
# Guess: refused. Casting "7.9" from text to an integer is, and the same library calls such a cast strict.
# What happens: 7.9 becomes 7 and -7.9 becomes -7, and the result is valid. filter counts no failure either.
#   Text that is no integer is counted as a failure of its row; a number too large as well. Only the fraction goes in silence.
#   DuckDB rounds the same cast, to 8 and -8. So the same contract holds other numbers in two engines.
# Versions: dataframely 3.1.2, polars 2.1.0, duckdb 2.0.0.
# What follows: validate without cast, or compare the column with its floor before casting.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dataframely==3.1.2 polars==2.1.0 duckdb==2.0.0
"$work/venv/bin/python" - <<'PY'
import dataframely as dy
import duckdb
import polars as pl

print("dataframely", dy.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__)


class Films(dy.Schema):
    minutes = dy.Int16()


def outcome(values):
    kept, failed = Films.filter(pl.DataFrame({"minutes": values}), cast=True)
    print(values, "-> kept", kept["minutes"].to_list(), "| failures", failed.counts())
    return kept["minutes"].to_list(), failed.counts()


assert outcome([7.9, -7.9]) == ([7, -7], {})
assert Films.validate(pl.DataFrame({"minutes": [7.9]}), cast=True)["minutes"].to_list() == [7]
text, failures = outcome(["8", "7.9"])
assert text == [8] and sum(failures.values()) >= 1
large, failures = outcome([8.0, 70000.0])
assert large == [8] and sum(failures.values()) >= 1
rounded = duckdb.execute("select 7.9::double::smallint, (-7.9)::double::smallint").fetchone()
print("DuckDB:", rounded)
assert rounded == (8, -8)
PY
