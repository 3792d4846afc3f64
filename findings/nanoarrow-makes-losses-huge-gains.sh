#!/usr/bin/env bash
# Question: DuckDB returns the decimals 12.50 and -1.10 as Arrow data. What does nanoarrow, the small reader of Arrow,
#   make of them in Python?
# Guess: Decimal('12.50') and Decimal('-1.10'), as pyarrow does.
# What happens: The second becomes Decimal('3.4028236692093846346E+36'), which is 2^128 hundredths, to as many digits as
#   the type has: the sign bit is read as part of the number. So -1.10 and -2.20 are equal, max is a loss, and a sum is
#   about 10^36. It is the same for 256 bits, in iter_py, iter_tuples and the repr. There is no warning, though
#   nanoarrow warns of nanoseconds that it drops. Decimals that are not negative are right; so are negative whole
#   numbers, times and durations.
# Versions: nanoarrow 0.9.0, pyarrow 26.0.1, duckdb 2.0.1.
# For a user: Convert by pyarrow, or cast to DOUBLE or to whole cents in the query.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile nanoarrow==0.9.0 pyarrow==26.0.1 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from decimal import Decimal

import duckdb
import nanoarrow as na
import pyarrow as pa

print("nanoarrow", na.__version__, "| pyarrow", pa.__version__, "| duckdb", duckdb.__version__)
profits = duckdb.sql("select v::decimal(20, 2) as v from (values (12.50), (-1.10), (-2.20), (null)) t (v)").to_arrow_table()["v"].combine_chunks()
huge = Decimal("3.4028236692093846346E+36")
expect("pyarrow", profits.to_pylist(), [Decimal("12.50"), Decimal("-1.10"), Decimal("-2.20"), None])
expect("nanoarrow", na.Array(profits).to_pylist(), [Decimal("12.50"), huge, huge, None])
table = na.ArrayStream(pa.table({"v": profits}))
expect("nanoarrow, iter_tuples", list(table.iter_tuples())[1], (huge,))
wide = na.Array(profits.cast(pa.decimal256(50, 2))).to_pylist()
expect("256 bits, 12.50 and -1.10", (wide[0], wide[1] > 10**75), (Decimal("12.50"), True))
print(na.Array(profits))
PY
