#!/usr/bin/env bash
# Question: a schema's rule says that the whole table must hold at least 1,000 rows. Does an empty table fail it?
# Guess: yes. pl.len() is 0, and 0 >= 1000 is false.
# What happens: 999 rows fail, all of them; no rows pass. A rule's answer is counted per row, and there is none to count.
#   The same for a sum or any other statement about the table. This is the case such a rule was written for.
# Versions: dataframely 3.1.2, polars 2.1.0.
# What follows: check the number of rows outside of the schema, before or after validate.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dataframely==3.1.2 polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import dataframely as dy
import polars as pl

print("dataframely", dy.__version__, "| polars", pl.__version__)


class Ratings(dy.Schema):
    votes = dy.Int64()

    @dy.rule()
    def full_enough(cls) -> pl.Expr:
        return pl.len() >= 1000

    @dy.rule()
    def has_votes(cls) -> pl.Expr:
        return pl.col("votes").sum() > 0


found = {}
for count in (1000, 999, 0):
    rows = pl.DataFrame({"votes": [1] * count}, schema={"votes": pl.Int64})
    found[count] = Ratings.is_valid(rows)
    print(count, "rows: valid:", found[count], "| failures:", Ratings.filter(rows)[1].counts(),
          "| lazily:", Ratings.validate(rows.lazy(), eager=False).collect().height if found[count] else "refused")
assert found == {1000: True, 999: False, 0: True}
PY
