#!/usr/bin/env bash
# Question: an asset yields its MaterializeResult and then raises, in a last check of its own, say. Is it materialized?
# Guess: no. The step failed, the run failed, and the UI shows it red.
# What happens: the materialization is recorded as soon as it is yielded, and stays. Downstream assets with
#   AutomationCondition.eager() are requested by the next tick, on the output of the failed step.
#   The same body with return instead of yield records nothing.
# Versions: dagster 1.13.27.
# What follows: yield a result as the very last statement, or return it. Checks of a result belong before it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27
DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import dagster as dg

print("dagster", dg.__version__)


def outcome(yields):
    @dg.asset(name="table")
    def yielding(context):
        yield dg.MaterializeResult()
        if context.has_tag("break"):
            raise ValueError("too few rows")

    @dg.asset(name="table")
    def returning(context):
        result = dg.MaterializeResult()
        if context.has_tag("break"):
            raise ValueError("too few rows")
        return result

    table = yielding if yields else returning

    @dg.asset(deps=[table], automation_condition=dg.AutomationCondition.eager())
    def report():
        return None

    definitions = dg.Definitions(assets=[table, report])
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([table, report], instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        quiet = tick.total_requested
        run = dg.materialize([table], instance=instance, tags={"break": "yes"}, raise_on_error=False)
        recorded = len(instance.fetch_materializations(dg.AssetKey("table"), limit=10).records) - 1
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        return {"requested before": quiet, "run succeeded": run.success, "materializations by the failed run": recorded,
                "downstream runs requested": tick.get_num_requested(dg.AssetKey("report"))}


found = {"yield": outcome(yields=True), "return": outcome(yields=False)}
for way, result in found.items():
    print(way, result)
assert list(found["yield"].values()) == [0, False, 1, 1]
assert list(found["return"].values()) == [0, False, 0, 0]
PY
