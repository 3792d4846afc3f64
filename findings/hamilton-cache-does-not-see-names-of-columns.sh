#!/usr/bin/env bash
# Question: A Hamilton pipeline with a cache has a mistake: two columns of a frame have each other's name. The name is
#   corrected in the function that makes the frame. Is what depends on the frame computed again?
# Guess: Yes: a node runs again if the data version of an input, a hash of its value, has changed.
# What happens: The corrected function runs again, and gives the right frame. But the hash of a frame, of pandas and of
#   Polars, is one of its values without names and types, so that it is the same as before, and all nodes downstream
#   give the results of the mistake. Nor does it see that amounts of 1.10 became 11.0 (a DECIMAL of another scale),
#   numbers became dates, or an array another shape. 1 and "1" have one hash, too.
# Versions: apache-hamilton 1.90.0 (its repository has a correction that is not released), polars 2.1.0, pandas 3.1.1.
# For a user: A correction upstream does not reach the results, run after run. Delete the cache's folder, or name the
#   nodes downstream in with_cache(recompute=[…]).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile apache-hamilton==1.90.0 polars==2.1.0 pandas==3.1.1 numpy==2.4.6

for library in polars pandas; do
  for names in "wrong theirs ours" "right ours theirs"; do
    set -- $names
    cat > "${library}_$1.py" <<PY
import $library


def votes() -> $library.DataFrame:
    return $library.DataFrame({"$2": [100, 200], "$3": [9, 8]})


def total(votes: $library.DataFrame) -> int:
    return int(votes["ours"].sum())
PY
  done
done
venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import importlib
from importlib.metadata import version

import numpy as np
import polars as pl
from hamilton import driver
from hamilton.caching.fingerprinting import hash_value

sys.path.insert(0, ".")
print("apache-hamilton", version("apache-hamilton"), "| polars", pl.__version__, "| pandas", version("pandas"))


def run(module, cache):
    """What total gives, and the sum of "ours" in the frame that it had."""
    pipeline = driver.Builder().with_modules(importlib.import_module(module)).with_cache(path=cache).build()
    result = pipeline.execute(["votes", "total"])
    return result["total"], int(result["votes"]["ours"].sum())


for library in ("polars", "pandas"):
    expect(f"{library}: with the mistake", run(f"{library}_wrong", library), (17, 17))
    expect(f"{library}: corrected", run(f"{library}_right", library), (17, 300))
    expect(f"{library}: corrected, another cache", run(f"{library}_right", f"{library}-2"), (300, 300))
amounts = pl.DataFrame({"v": ["1.10"]}).cast(pl.Decimal(10, 2)), pl.DataFrame({"v": ["11.0"]}).cast(pl.Decimal(10, 1))
days = pl.DataFrame({"v": [1, 2]}), pl.DataFrame({"v": [1, 2]}).cast(pl.Date)
shapes = np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)
for what, pair in (("1.10 and 11.0", amounts), ("numbers and dates", days), ("shapes", shapes), ("1 and '1'", (1, "1"))):
    expect(f"one hash for {what}", hash_value(pair[0]) == hash_value(pair[1]), True)
PY
