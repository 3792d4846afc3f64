#!/usr/bin/env bash
# Question: A CASE has ELSE. Some rows have NULL in the condition. Which branch do they take in Daft's SQL?
# Guess: ELSE (or a later WHEN that is true), as in every SQL database: a condition that is not true does not
#   match.
# What happens: The row's result is NULL. Even "when good is null then 'unknown'" is never reached after "when
#   good", so the rows without a value have no label. The count of 'not good' is 2 where it is 4, and the
#   average of 1 and 0 is 0.5 where it is 0.33. when().otherwise() of the data frame does the same.
# Versions: daft 0.7.26; duckdb 2.0.0 for comparison.
# For a user: Shares and labels leave the unknown rows out without an error. Write coalesce(good, false), or
#   test for NULL in the first WHEN.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 duckdb==2.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import daft
import duckdb

print("daft", daft.__version__, "duckdb", duckdb.__version__)
films = daft.from_pydict({"id": [1, 2, 3, 4, 5, 6], "good": [True, False, None, True, None, False]})
rows = films.to_arrow()


def ask(query):
    """The answers of Daft and of DuckDB."""
    ours = list(zip(*daft.sql(query.format("films"), films=films).to_pydict().values(), strict=True))
    return ours, duckdb.sql(query.format("rows")).fetchall()


share, right = ask("select avg(case when good then 1 else 0 end) from {}")
expect("share of good films, Daft", share, [(0.5,)])
expect("share of good films, DuckDB", [(round(right[0][0], 2),)], [(0.33,)])
label = "case when good then 'good' when good is null then 'unknown' else 'bad' end"
ours, right = ask(f"select id, {label} from {{}} order by id")
expect("labels, Daft", [row[1] for row in ours], ["good", "bad", None, "good", None, "bad"])
expect("labels, DuckDB", [row[1] for row in right], ["good", "bad", "unknown", "good", "unknown", "bad"])
ours, right = ask("select count(*) from {} where case when good then 'good' else 'rest' end = 'rest'")
expect("rest, Daft", ours, [(2,)])
expect("rest, DuckDB", right, [(4,)])
first = label.replace("when good then 'good' when good is null then 'unknown'", "when good is null then 'unknown' when good then 'good'")
expect("NULL tested first, Daft", [row[1] for row in ask(f"select id, {first} from {{}} order by id")[0]], ["good", "bad", "unknown", "good", "unknown", "bad"])
frame = films.select(daft.functions.when(daft.col("good"), 1).otherwise(0).alias("v")).to_pydict()["v"]
expect("when().otherwise()", frame, [1, 0, None, 1, None, 0])
PY
