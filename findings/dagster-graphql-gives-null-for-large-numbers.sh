#!/usr/bin/env bash
# Question: an asset records its row count, 3 billion, and its Iceberg snapshot id as metadata. What does GraphQL answer for them?
# Guess: the numbers. They were recorded as whole numbers, and the UI shows them.
# What happens: intValue is null for all that needs more than 32 bits; no error is reported. The digits are in intRepr, as text.
#   In JSON metadata the number is right but a NaN is written as it is, so jsonString is no JSON. floatValue of NaN is null.
# Versions: dagster 1.13.27, dagster-graphql 1.13.27.
# What follows: read intRepr, not intValue, and record NaN as null. A dashboard of row counts works until a table grows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27 dagster-graphql==1.13.27
WORK="$work" DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

print({name: version(name) for name in ("dagster", "dagster-graphql")})
home = Path(os.environ["WORK"]) / "home"
home.mkdir()
os.environ["DAGSTER_HOME"] = str(home)
(home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
code = home / "films_asset.py"
code.write_text("""
import dagster as dg

@dg.asset
def films():
    numbers = {"small": 5, "rows": 3_000_000_000, "snapshot": 794121492375392401}
    return dg.MaterializeResult(metadata={**numbers, "mean": float("nan"), "json": {"snapshot": 794121492375392401, "mean": float("nan")}})

definitions = dg.Definitions(assets=[films])

if __name__ == "__main__":
    with dg.DagsterInstance.get() as instance:
        dg.materialize([films], instance=instance)
""")
subprocess.run([sys.executable, "-W", "ignore", str(code)], check=True, capture_output=True)
query = """{ assetOrError(assetKey: {path: ["films"]}) { ... on Asset { assetMaterializations(limit: 1) { metadataEntries {
  label ... on IntMetadataEntry { intValue intRepr } ... on FloatMetadataEntry { floatValue } ... on JsonMetadataEntry { jsonString } } } } } }"""
command = [str(Path(sys.executable).with_name("dagster-graphql")), "-f", str(code), "-t", query]
done = subprocess.run(command, capture_output=True, text=True, check=True)
answer = next(json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"'))
entries = {entry.pop("label"): entry for entry in answer["data"]["assetOrError"]["assetMaterializations"][0]["metadataEntries"]}
for label, entry in entries.items():
    print(label, entry)
assert "errors" not in answer
assert entries["small"] == {"intValue": 5, "intRepr": "5"}
assert entries["rows"] == {"intValue": None, "intRepr": "3000000000"}
assert entries["snapshot"] == {"intValue": None, "intRepr": "794121492375392401"}
assert entries["mean"] == {"floatValue": None}
assert "NaN" in entries["json"]["jsonString"]
PY
