#!/usr/bin/env bash
# Question: an asset used to return a value that a downstream asset takes as argument. Now it returns MaterializeResult
#   with metadata alone. What does the downstream asset get in the same run?
# Guess: an error, or None. The asset has made no value.
# What happens: it gets the value of the last run that returned one, be it months old. The IO manager is not called for a
#   MaterializeResult without value, so its file stays, and the file is what downstream loads. Both steps succeed.
#   Annotating the asset -> None does the same. Returning None without annotation stores None and is safe.
# Versions: dagster 1.13.27 (FilesystemIOManager).
# What follows: when an asset stops returning a value, change its readers to deps= in the same commit, and remove the stored file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27
WORK="$work" DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import os

import dagster as dg

print("dagster", dg.__version__)
seen = []


@dg.asset(name="rows")
def with_value():
    return 41


@dg.asset(name="rows")
def metadata_alone():
    return dg.MaterializeResult(metadata={"rows": 42})


@dg.asset(name="rows")
def annotated() -> None:
    return None


@dg.asset(name="rows")
def bare():
    return None


@dg.asset
def report(rows):
    seen.append(rows)


def outcome(asset):
    seen.clear()
    manager = dg.FilesystemIOManager(base_dir=os.environ["WORK"] + "/values")
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([asset, report], instance=instance, resources={"io_manager": manager}, raise_on_error=False)
    return run.success, list(seen)


assets = {"value": with_value, "MaterializeResult": metadata_alone, "-> None": annotated, "None": bare}
found = {name: outcome(asset) for name, asset in assets.items()}
for name, (success, got) in found.items():
    print(f"{name}: success {success}, downstream got {got}")
assert found == {"value": (True, [41]), "MaterializeResult": (True, [41]), "-> None": (True, [41]), "None": (True, [None])}
PY
