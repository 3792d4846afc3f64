#!/usr/bin/env bash
# Question: an asset downloads a file and gets code_version="1". Tomorrow's file is another. Is what depends on it stale then?
# Guess: yes. code_version speaks of the code; the data came anew.
# What happens: no. With a code_version, an asset that reports no data version of its own is given one made of its
#   code version and its inputs. A root asset has no inputs, so its data version never changes, whatever it downloads.
#   Everything downstream stays "fresh". Without code_version the very same runs make it stale.
#   AutomationCondition.eager() asks about materializations instead, and requests the run: the two disagree.
# Versions: dagster 1.13.27.
# What follows: an asset that reads the outside world reports its data version (a hash of what it read), or has no code_version.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check dagster==1.13.27
DAGSTER_DISABLE_TELEMETRY=1 "$work/venv/bin/python" -W ignore - <<'PY' 2>"$work/log" || { cat "$work/log"; exit 1; }
import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

print("dagster", dg.__version__)


def outcome(*, code_version=None, reported=False):
    days = iter("AB")

    @dg.asset(code_version=code_version)
    def dump():
        content = next(days)
        return dg.MaterializeResult(data_version=dg.DataVersion(content)) if reported else None

    @dg.asset(deps=[dump], code_version=code_version, automation_condition=dg.AutomationCondition.eager())
    def table():
        return None

    definitions = dg.Definitions(assets=[dump, table])
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([dump, table], instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        dg.materialize([dump], instance=instance)
        tick = dg.evaluate_automation_conditions(defs=definitions, instance=instance, cursor=tick.cursor)
        records = instance.fetch_materializations(dg.AssetKey("dump"), limit=2).records
        versions = {record.asset_materialization.tags["dagster/data_version"] for record in records}
        graph = definitions.resolve_asset_graph()
        status = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance)).get_status(dg.AssetKey("table"))
        return len(versions), status.value, tick.get_num_requested(dg.AssetKey("table"))


found = {"no code version": outcome(), "code version": outcome(code_version="1"),
         "code version, data version reported": outcome(code_version="1", reported=True)}
for way, (versions, status, requested) in found.items():
    print(f"{way}: {versions} data versions of two downloads, table is {status}, eager requests {requested}")
assert found == {"no code version": (2, "STALE", 1), "code version": (1, "FRESH", 1),
                 "code version, data version reported": (2, "STALE", 1)}
PY
