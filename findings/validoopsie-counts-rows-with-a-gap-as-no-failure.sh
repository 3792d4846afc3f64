#!/usr/bin/env bash
# Question: Validoopsie checks that the shares of a row add up to 100, that two columns are equal, and that pairs of two
#   columns are unique. What does it say of rows in which one of the two values is missing?
# Guess: 60 and a missing share fail, 7 and a missing rating are not equal, and two films without a region are two pairs.
# What happens: Both checks pass, and the third fails. The row with 60 is found and listed, but the number of failures is
#   the count of a text joined from both columns, which is null: 0 of 3 rows, "Success". The unequal pair drops out of
#   the comparison. In pairs, all rows with a missing value are one and the same pair, and so are ("a - b", "c") and
#   ("a", "b - c"). On pandas, a NaN that is out of bounds is listed, and counted as 0, as well.
# Versions: validoopsie 1.8.1, narwhals 2.29.0, polars 2.1.0, pandas 3.1.1.
# For a user: validate() does not raise, whatever the impact. Fill missing values, or check ColumnNotBeNull first, and
#   count what "failing_items" lists.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile validoopsie==1.8.1 narwhals==2.29.0 polars==2.1.0 pandas==3.1.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import pandas as pd
import polars as pl
from loguru import logger
from validoopsie import Validate

logger.remove()
print("validoopsie", version("validoopsie"), "| narwhals", version("narwhals"), "| polars", pl.__version__)


def ask(frame, group, check, **options):
    """Status, number of failures, and what is listed as failing; validate() raises if a check of high impact fails."""
    validation = Validate(frame)
    getattr(getattr(validation, group), check)(impact="high", **options)
    (result,) = (value["result"] for name, value in validation.results.items() if name != "Summary")
    try:
        validation.validate()
        raised = False
    except ValueError:
        raised = True
    return result["status"], result.get("failed_number"), result.get("failing_items"), raised


shares = pl.DataFrame({"domestic": [60, 30, 60], "abroad": [40, 50, None]})
total = {"columns_list": ["domestic", "abroad"], "sum_value": 100}
expect("30 + 50", ask(shares[:2], "ValuesValidation", "ColumnsSumToBeEqualTo", **total), ("Fail", 1, ["30 - 50"], True))
expect("60 + missing", ask(shares[::2], "ValuesValidation", "ColumnsSumToBeEqualTo", **total), ("Success", 0, [None], False))
ratings = pl.DataFrame({"ours": [7, 7], "theirs": [7, None]})
expect("7 and missing", ask(ratings, "EqualityValidation", "PairColumnEquality", column="ours", target_column="theirs"), ("Success", None, None, False))
films = pl.DataFrame({"film": ["1", "2", "3"], "region": ["DE", None, None]})
expect("pairs", ask(films, "UniqueValidation", "ColumnUniquePair", column_list=["film", "region"]), ("Fail", 2, [None], True))
joined = pl.DataFrame({"title": ["a - b", "a"], "part": ["c", "b - c"]})
expect("joined", ask(joined, "UniqueValidation", "ColumnUniquePair", column_list=["title", "part"]), ("Fail", 2, ["a - b - c"], True))
bounds = {"column": "v", "min_value": 0, "max_value": 10}
nan = pl.DataFrame({"v": [1.0, float("nan")]})
expect("NaN, Polars", ask(nan, "ValuesValidation", "ColumnValuesToBeBetween", **bounds)[:2], ("Fail", 1))
expect("NaN, pandas", str(ask(pd.DataFrame({"v": [1.0, float("nan")]}), "ValuesValidation", "ColumnValuesToBeBetween", **bounds)), "('Success', 0, [nan], False)")
PY
