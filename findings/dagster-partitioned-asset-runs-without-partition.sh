#!/usr/bin/env bash
# Question: dg.materialize is called for a partitioned asset and the partition key is forgotten. What happens?
# Guess: an error. Launching such a run from the UI is impossible without choosing partitions.
# What happens: it runs and succeeds, unless the body asks for its key. A materialization without partition is recorded.
#   No partition counts as materialized. Asked for the latest materialization, the instance names one all the same.
#   A wrong key, however, is refused.
# Versions: dagster 1.13.27.
# What follows: in scripts and tests assert get_materialized_partitions, not success; let the body read context.partition_key.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27
DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import dagster as dg

print("dagster", dg.__version__)
decades = dg.StaticPartitionsDefinition(["1980", "1990"])


@dg.asset(partitions_def=decades)
def films():
    return None


@dg.asset(partitions_def=decades)
def careful(context):
    return context.partition_key


key = dg.AssetKey("films")
with dg.DagsterInstance.ephemeral() as instance:
    run = dg.materialize([films], instance=instance)
    latest = instance.get_latest_materialization_event(key)
    print("without key: success", run.success, "| latest materialization:", latest is not None,
          "| of partition:", latest.asset_materialization.partition, "| partitions:", instance.get_materialized_partitions(key))
    assert run.success and latest is not None and latest.asset_materialization.partition is None
    assert instance.get_materialized_partitions(key) == set()
    dg.materialize([films], instance=instance, partition_key="1990")
    print("with key: partitions:", instance.get_materialized_partitions(key))
    assert instance.get_materialized_partitions(key) == {"1990"}
    body_asks = dg.materialize([careful], instance=instance, raise_on_error=False).success
    try:
        dg.materialize([films], instance=instance, partition_key="2525")
        wrong = "taken"
    except dg.DagsterUnknownPartitionError:
        wrong = "refused"
    print("body that asks for its key succeeds:", body_asks, "| wrong key:", wrong)
    assert not body_asks and wrong == "refused"
PY
