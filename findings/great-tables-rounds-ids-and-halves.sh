#!/usr/bin/env bash
# Question: Great Tables formats a column of ids by fmt_integer(use_seps=False), and one of prices, as DECIMAL, by
#   fmt_number(decimals=2). Which digits does the table show?
# Guess: Those of the ids; and 1.005 as 1.01, as Excel and SQL round decimals.
# What happens: 9007199254740993 is shown as 9007199254740992, and 1234567890123456789 as ...768, the id of another row:
#   integers become floats. DECIMALs keep their digits, but halves are rounded to the even digit: 1.005 is 1.00, 2.675
#   is 2.68, and 0.125 is 0.12, also as a currency. So a column of rounded prices does not add up as in DuckDB.
# Versions: great-tables 1.1.0, polars 2.1.0, duckdb 2.0.1.
# For a user: Leave ids unformatted, or cast them to text; round in the query.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile great-tables==1.1.0 polars==2.1.0 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import re
from decimal import Decimal
from importlib.metadata import version

import duckdb
import polars as pl
from great_tables import GT

print("great-tables", version("great-tables"), "| polars", pl.__version__, "| duckdb", duckdb.__version__)


def cells(table):
    return re.findall(r"<td[^>]*>(.*?)</td>", table.as_raw_html(), re.S)


ids = pl.DataFrame({"id": [9007199254740993, 1234567890123456789]})
prices = pl.DataFrame({"price": [Decimal("1.005"), Decimal("2.675"), Decimal("0.125")]})
expect("ids", cells(GT(ids)), ["9007199254740993", "1234567890123456789"])
expect("ids, fmt_integer", cells(GT(ids).fmt_integer("id", use_seps=False)), ["9007199254740992", "1234567890123456768"])
expect("prices, fmt_number", cells(GT(prices).fmt_number("price", decimals=2)), ["1.00", "2.68", "0.12"])
expect("prices, fmt_currency", cells(GT(prices).fmt_currency("price")), ["$1.00", "$2.68", "$0.12"])
rounded = duckdb.sql("select round(unnest([1.005, 2.675, 0.125]), 2)").fetchall()
expect("prices, DuckDB", [str(price) for (price,) in rounded], ["1.01", "2.68", "0.13"])
PY
