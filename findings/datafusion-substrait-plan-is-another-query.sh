#!/usr/bin/env bash
# Question: A query is stored as a Substrait plan by datafusion, and the plan is run later, by the same datafusion on the
#   same tables. Does it give the rows of the query?
# Guess: Yes, or an error that names what the plan cannot hold, as for UNNEST and recursive queries.
# What happens: Some clauses are left out without a word. "not in (select ...)" finds the films without a genre, and
#   all others if the list has a NULL, where SQL finds none. In windows, FILTER counts all rows, DISTINCT adds up each
#   repetition, IGNORE NULLS gives nulls, and "range between 2 preceding and current row" is the whole sum so far. FILTER
#   and DISTINCT of plain aggregates are kept.
# Versions: datafusion 55.0.0.
# For a user: Store the SQL text. Before a plan is stored, run it, and compare its rows. Known for windows: issue 22661
#   of datafusion, where most of these became errors after this release.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 pyarrow==26.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datafusion
import pyarrow as pa
from datafusion import SessionContext, substrait

print("datafusion", datafusion.__version__)
context = SessionContext()
films = {"id": [1, 2, 3, 4, 5], "genre": ["Drama", "War", None, "Crime", "Drama"], "votes": [1, 2, None, 2, 7], "seen": [True, None, True, False, True]}
context.from_arrow(pa.table(films), name="films")
context.from_arrow(pa.table({"genre": ["Drama"]}), name="one")
context.from_arrow(pa.table({"genre": ["Drama", None]}), name="two")


def both(query):
    """The first column of what the query and its stored plan give."""
    context.sql(query)
    stored = substrait.Serde.serialize_bytes(query, context)
    plan = substrait.Consumer.from_substrait_plan(context, substrait.Serde.deserialize_bytes(stored))
    frames = context.sql(query), context.create_dataframe_from_logical_plan(plan)
    return [list(frame.to_arrow_table().columns[0].to_pylist()) for frame in frames]


def windows(expression, frame="order by id"):
    return both(f"select {expression} over ({frame}) as value from films order by id")


expect("not in", both("select id from films where genre not in (select genre from one) order by id"), [[2, 4], [2, 3, 4]])
expect("not in, with a null", both("select id from films where genre not in (select genre from two) order by id"), [[], [2, 3, 4]])
expect("window, filter", windows("count(*) filter (where seen)"), [[1, 1, 2, 2, 3], [1, 2, 3, 4, 5]])
expect("window, distinct", windows("sum(distinct votes)", ""), [[10] * 5, [12] * 5])
expect("window, ignore nulls", windows("lag(votes) ignore nulls"), [[None, 1, 2, 2, 2], [None, 1, 2, None, 2]])
expect("window, range", windows("sum(id)", "order by id range between 1 preceding and current row"), [[1, 3, 5, 7, 9], [1, 3, 6, 10, 15]])
expect("window, rows", windows("sum(id)", "order by id rows between 1 preceding and current row"), [[1, 3, 5, 7, 9]] * 2)
expect("aggregate, filter", both("select count(*) filter (where seen) from films"), [[3]] * 2)
expect("aggregate, distinct", both("select sum(distinct votes) from films"), [[10]] * 2)
try:
    both("select unnest([1, 2])")
    sys.exit("CHANGED: unnest was refused")
except Exception as error:
    print("unnest:", str(error)[:70])
PY
