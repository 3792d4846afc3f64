#!/usr/bin/env bash
# Question: A column of times is cast to text in Dask, as a key of a group or a join, or written as CSV. Are equal times
#   equal texts?
# Guess: Yes, and those of pandas: the number of partitions changes speed, not values.
# What happens: A midnight is "2024-02-01" in a partition that has midnights only, and "2024-02-01 00:00:00" in one with
#   another time. pandas chooses the form by the whole column, and Dask asks pandas for each partition. So one
#   time is two groups, a join by text loses rows, and a CSV file differs from the next. With another number of
#   partitions, or another order of the rows, the answer is another.
# Versions: dask 2026.8.0, pandas 3.1.1.
# For a user: Use dt.strftime with a format, and date_format= in to_csv.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'dask[dataframe]==2026.8.0' pandas==3.1.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from pathlib import Path

import dask
import dask.dataframe as dd
import pandas as pd

print("dask", dask.__version__, "| pandas", pd.__version__)
shows = pd.DataFrame({"start": pd.to_datetime(["2024-01-05", "2024-02-01", "2024-02-01", "2024-03-01 10:30"], format="ISO8601")})
keys = shows.start.drop_duplicates().astype(str).to_frame("text")


def answers(partitions):
    """The texts, the sizes of their groups, and the number of rows joined with the texts that pandas gives."""
    lazy = dd.from_pandas(shows, npartitions=partitions).start.astype(str).to_frame("text")
    return lazy.text.compute().tolist(), lazy.groupby("text").size().compute().sort_index().to_dict(), len(lazy.merge(keys, on="text").compute())


texts = ["2024-01-05 00:00:00", "2024-02-01 00:00:00", "2024-02-01 00:00:00", "2024-03-01 10:30:00"]
expect("pandas", shows.start.astype(str).tolist(), texts)
expect("one partition", answers(1), (texts, {texts[0]: 1, texts[1]: 2, texts[3]: 1}, 4))
mixed = ["2024-01-05", "2024-02-01", *texts[2:]]
expect("two partitions", answers(2), (mixed, {"2024-01-05": 1, "2024-02-01": 1, texts[1]: 1, texts[3]: 1}, 2))
dd.from_pandas(shows, npartitions=2).to_csv("shows-*.csv", index=False, header=False)
expect("CSV", [Path(f"shows-{number}.csv").read_text().splitlines() for number in (0, 1)], [mixed[:2], mixed[2:]])
form = "%Y-%m-%d %H:%M:%S"
expect("strftime", dd.from_pandas(shows, npartitions=2).start.dt.strftime(form).compute().tolist(), texts)
dd.from_pandas(shows, npartitions=2).to_csv("formed-*.csv", index=False, header=False, date_format=form)
expect("CSV with date_format", [line for number in (0, 1) for line in Path(f"formed-{number}.csv").read_text().splitlines()], texts)
PY
