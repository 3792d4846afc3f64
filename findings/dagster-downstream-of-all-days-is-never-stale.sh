#!/usr/bin/env bash
# Question: An asset adds up all daily partitions of another one. One day is made again with a new data version. Does
#   Dagster show the sum as stale ("Unsynced")?
# Guess: Yes, as for an asset without partitions.
# What happens: No: with daily partitions it stays fresh for ever, even with three days. With static partitions it
#   becomes stale up to 99 of them; from 100 on it stays fresh, too. Only comments in the code say so: the edge is left
#   out, to keep queries short. The sum depends on all partitions without a mapping, too, since that is the default.
#   eager() does start the sum, since it looks at new materializations instead.
# Versions: dagster 1.13.27.
# For a user: Do not wait for the mark; let eager() or a schedule make an asset that depends on all partitions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dagster==1.13.27

DAGSTER_DISABLE_TELEMETRY=1 venv/bin/python -W ignore - <<'PY' 2>log || { cat log; exit 1; }
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

print("dagster", dg.__version__)


def outcome(days, mapping=None):
    """Status of an asset that depends on all these days, before and after one was made again, and what eager() requests."""
    version = {"now": "1"}

    @dg.asset(partitions_def=days)
    def ratings():
        return dg.MaterializeResult(data_version=dg.DataVersion(version["now"]))

    @dg.asset(deps=[dg.AssetDep(ratings, partition_mapping=mapping)], automation_condition=dg.AutomationCondition.eager())
    def total():
        return None

    definitions = dg.Definitions(assets=[ratings, total])
    with dg.DagsterInstance.ephemeral() as instance:

        def status():
            graph = definitions.resolve_asset_graph()
            return CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance)).get_status(total.key).value

        for day in days.get_partition_keys():
            instance.report_runless_asset_event(dg.AssetMaterialization(ratings.key, partition=day, tags={"dagster/data_version": "1"}))
        dg.materialize([ratings, total], instance=instance, selection=[total])
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        before = status()
        version["now"] = "2"
        dg.materialize([ratings], instance=instance, partition_key=days.get_first_partition_key())
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        return before, status(), tick.get_num_requested(total.key)


numbers = [str(number) for number in range(100)]
days = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")
stale, fresh = ("FRESH", "STALE", 1), ("FRESH", "FRESH", 1)
expect("3 days", outcome(days), fresh)
expect("3 days, with AllPartitionMapping", outcome(days, dg.AllPartitionMapping()), fresh)
expect("3 static partitions of the same names", outcome(dg.StaticPartitionsDefinition(days.get_partition_keys())), stale)
expect("99 static partitions", outcome(dg.StaticPartitionsDefinition(numbers[:99])), stale)
expect("100 static partitions", outcome(dg.StaticPartitionsDefinition(numbers)), fresh)
PY
