#!/usr/bin/env bash
# Question: partition a of an asset fails its blocking check, then partition b passes it. For which partitions does
#   all_deps_blocking_checks_passed() let the downstream asset run?
# Guess: for b only. The check ran once for each partition, in a run of that partition.
# What happens: for a and b. A check has one status for the whole asset, the one of its last run: b's pass opens a, too,
#   and in the other order a's failure closes b. Only a check with its own partitions_def has a status for each partition.
# Versions: dagster 1.13.27.
# What follows: pass partitions_def to @asset_check as well as to @asset. A backfill otherwise hides its failed partitions
#   behind the partition that ran last.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27
DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import dagster as dg

print("dagster", dg.__version__)
letters = dg.StaticPartitionsDefinition(["a", "b"])


def requested(runs, **options):
    """The partitions of the report that the next tick requests, after these runs of partition and result."""

    @dg.asset(partitions_def=letters)
    def films(context):
        return None

    @dg.asset_check(asset=films, blocking=True, **options)
    def plenty(context):
        return dg.AssetCheckResult(passed="good" in context.run.tags)

    condition = dg.AutomationCondition
    ready = condition.missing() & ~condition.any_deps_missing() & condition.all_deps_blocking_checks_passed()

    @dg.asset(partitions_def=letters, deps=[films], automation_condition=ready)
    def report():
        return None

    definitions = dg.Definitions(assets=[films, report], asset_checks=[plenty])
    with dg.DagsterInstance.ephemeral() as instance:
        for partition, good in runs:
            tags = {"good": "yes"} if good else {}
            dg.materialize([films, plenty], instance=instance, partition_key=partition, tags=tags, raise_on_error=False)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance)
        return sorted(tick.get_requested_partitions(report.key))


a_first, b_first = [("a", False), ("b", True)], [("b", True), ("a", False)]
found = {
    "a fails, b passes": requested(a_first),
    "b passes, a fails": requested(b_first),
    "a fails, b passes; check with partitions": requested(a_first, partitions_def=letters),
    "b passes, a fails; check with partitions": requested(b_first, partitions_def=letters),
}
for runs, partitions in found.items():
    print(runs, partitions)
assert list(found.values()) == [["a", "b"], [], ["b"], ["b"]]
PY
