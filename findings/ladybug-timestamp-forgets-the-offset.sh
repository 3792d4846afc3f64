#!/usr/bin/env bash
# Question: A CSV file with "2024-01-01 00:00:00+05:00" is loaded into Ladybug (formerly Kùzu). Does a query for
#   timestamp("2024-01-01 00:00:00+05:00") find this row?
# Guess: Yes. The documentation shows how an offset is converted: "00:00:00.004666-10" gives 10:00:00.004666.
# What happens: No. The text in the file becomes 19:00 of the day before, in UTC, as documented. The function timestamp()
#   and a cast to TIMESTAMP leave the offset out and give midnight, so the condition finds rows that are five hours
#   later. Casts to TIMESTAMP_MS, _SEC, _NS and _TZ convert it. Kùzu 0.11.3 converts it everywhere.
# Versions: ladybug 0.22.0; right: kuzu 0.11.3.
# For a user: Pass a datetime as a parameter of the query, or cast to TIMESTAMP_TZ and from there to TIMESTAMP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile ladybug==0.22.0 kuzu==0.11.3

cat >shows.py <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib import import_module
from pathlib import Path

library = import_module(sys.argv[1])
print(library.__name__, library.__version__)
forgets = library.__name__ == "ladybug"
text = "2024-01-01 00:00:00+05:00"
Path("shows.csv").write_text(f"id,start\n1,{text}\n2,2024-01-01 00:00:00Z\n")
connection = library.Connection(library.Database(f"{library.__name__}.db"))
connection.execute("create node table shows(id int64, start timestamp, primary key(id))")
connection.execute("copy shows from 'shows.csv' (header=true)")


def ask(query):
    return [value for row in connection.execute(query).get_all() for value in row]


expect("loaded", ask("match (s:shows) return cast(s.start, 'string') order by s.id"), ["2023-12-31 19:00:00", "2024-01-01 00:00:00"])
expect("found by timestamp()", ask(f"match (s:shows) where s.start = timestamp('{text}') return s.id"), [2] if forgets else [1])
documented = ask("return cast(timestamp('1970-01-01 00:00:00.004666-10'), 'string')")
expect("the example of the documentation", documented, ["1970-01-01 00:00:00.004666" if forgets else "1970-01-01 10:00:00.004666"])
kinds = ["timestamp", "timestamp_ms", "timestamp_sec", "timestamp_ns", "timestamp_tz"]
casts = [ask(f"return cast(cast('{text}', '{kind}'), 'string')")[0][:19] for kind in kinds]
expect("casts", casts, ["2024-01-01 00:00:00" if forgets else "2023-12-31 19:00:00"] + ["2023-12-31 19:00:00"] * 4)
expect("by way of TIMESTAMP_TZ", ask(f"return cast(cast(cast('{text}', 'timestamp_tz'), 'timestamp'), 'string')"), ["2023-12-31 19:00:00"])
PY
venv/bin/python shows.py kuzu
venv/bin/python shows.py ladybug
