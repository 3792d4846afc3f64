#!/usr/bin/env bash
# Question: Schema.filter returns the valid rows. Does its result pass the same schema's validate?
# Guess: yes. It is typed as a frame of that schema.
# What happens: not with a rule over groups. All rules see all rows at once, those too that another rule throws out.
#   A film whose second credit is invalid "has two credits" when the rule is asked, and has one in the result.
#   A second filter throws it out. The count of failures of the first run does not mention it.
# Versions: dataframely 3.1.2, polars 2.1.0.
# What follows: filter until nothing is thrown out, or put rules over groups in a second schema that is applied after the first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dataframely==3.1.2 polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import dataframely as dy
import polars as pl

print("dataframely", dy.__version__, "| polars", pl.__version__)


class Credits(dy.Schema):
    film = dy.String()
    ordering = dy.Int64(min=1)

    @dy.rule()
    def two_or_more(cls) -> pl.Expr:
        return pl.len().over("film") >= 2


rows = pl.DataFrame({"film": ["tt1", "tt1", "tt2", "tt2"], "ordering": [1, -1, 1, 2]})
kept, failed = Credits.filter(rows)
print("kept:", kept.rows(), "| failures:", failed.counts())
print("result is valid:", Credits.is_valid(kept))
twice, failed_again = Credits.filter(kept)
print("filtered again:", twice.rows(), "| failures:", failed_again.counts())
assert kept.rows() == [("tt1", 1), ("tt2", 1), ("tt2", 2)] and failed.counts() == {"ordering|min": 1}
assert not Credits.is_valid(kept)
assert twice.rows() == [("tt2", 1), ("tt2", 2)] and failed_again.counts() == {"two_or_more": 1}
PY
