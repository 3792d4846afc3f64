#!/usr/bin/env bash
# Question: SQLFrame runs PySpark code on DuckDB. Do its functions of lists and windows give what PySpark documents?
# Guess: Yes, or an error: functions that SQLFrame lacks raise one.
# What happens: slice(names, 1, 2), two members from the first, returns three, and slice(names, -2, 2), the last two,
#   none. Spark's collect_list leaves out missing values, and array_remove keeps them; here it is the other way around.
#   array_union also drops them, and gives an order that is not that of the lists. A window that is ordered by year puts
#   films without a year last, while orderBy of the same frame puts them first, as Spark does in both: row_number() = 1
#   is another film, and so are running totals.
# Versions: sqlframe 4.10.0, duckdb 2.0.1; Spark 3.5.9 gave what PySpark documents.
# For a user: Write asc_nulls_first() in windows, filter nulls before collect_list, and shorten slices by one. Test
#   with both engines.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sqlframe==4.10.0 sqlglot==30.29.0 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

from sqlframe.duckdb import DuckDBSession, Window
from sqlframe.duckdb import functions as F

print("sqlframe", version("sqlframe"), "| duckdb", version("duckdb"))
session = DuckDBSession()
rows = [(1, ["A", "B", "C", "D"], 2000, 10), (2, ["A", None, "B"], None, 5), (3, ["A"], 1999, 3)]
films = session.createDataFrame(rows, schema="id int, names array<string>, year int, votes int")


def column(expression):
    return [row[1] for row in films.select("id", expression.alias("answer")).orderBy("id").collect()]


expect("slice(names, 1, 2)", column(F.slice("names", 1, 2)), [["A", "B", "C"], ["A", None, "B"], ["A"]])
expect("slice(names, 2, 1)", column(F.slice("names", 2, 1)), [["B", "C"], [None, "B"], []])
expect("slice(names, -2, 2)", column(F.slice("names", -2, 2)), [[], [], []])
expect("array_remove(names, B)", column(F.array_remove("names", "B")), [["A", "C", "D"], ["A"], ["A"]])
united = column(F.array_union("names", F.array(F.lit("Z"))))
expect("array_union(names, [Z]), sorted", [sorted(names) for names in united], [["A", "B", "C", "D", "Z"], ["A", "B", "Z"], ["A", "Z"]])
expect("collect_list(year)", sorted(films.agg(F.collect_list("year")).collect()[0][0], key=str), [1999, 2000, None])
by_year = Window.orderBy("year")
expect("orderBy year", [row[0] for row in films.orderBy("year").select("id").collect()], [2, 3, 1])
expect("row_number over year", column(F.row_number().over(by_year)), [2, 3, 1])
expect("sum(votes) over year", column(F.sum("votes").over(by_year)), [13, 18, 3])
expect("row_number, nulls first", column(F.row_number().over(Window.orderBy(F.col("year").asc_nulls_first()))), [3, 1, 2])
PY
