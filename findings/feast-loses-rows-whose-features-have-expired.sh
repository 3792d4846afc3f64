#!/usr/bin/env bash
# Question: Feast joins features to a table of films, days and labels, as they were on that day. Does every row of the
#   table come back?
# Guess: Yes, with NULL where no feature is valid: the features are joined to the rows, so that the labels remain.
# What happens: Feast's default offline store (Dask) drops a row whose film has features, but only expired or later
#   ones; a row of a film without any features stays. Of two rows of one film and day it keeps one. A missing film takes
#   the features of the missing film. Three of eight labels are lost. The DuckDB store keeps all eight, as a left join
#   does.
# Versions: feast 0.67.0, dask 2026.8.0, duckdb 2.0.1, pandas 2.3.3. The lost double rows are feast's issue 6787; that
#   expired features take their rows away is not documented.
# For a user: A model learns only from films that had fresh features, and nobody sees that the others are missing. Use
#   the DuckDB store, or compare the number of rows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile "feast[duckdb]==0.67.0" dask==2026.8.0 duckdb==2.0.1 ibis-framework==12.0.0 pandas==2.3.3 pyarrow==26.0.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Int64

warnings.filterwarnings("ignore")
print("feast", version("feast"), "| dask", version("dask"), "| duckdb", version("duckdb"))


def day(number):
    return pd.Timestamp(2024, 1, number, tz="UTC")


rows = [("fresh", day(9), 100), ("expired", day(1), 200), ("later", day(20), 300), ("twice", day(9), 400), (None, day(9), 500)]
features = pd.DataFrame(rows, columns=["film", "day", "votes"])
features.to_parquet("votes.parquet")
films = ["fresh", "expired", "later", "twice", "twice", "unknown", None, "later"]
labels = pd.DataFrame({"film": films, "event_timestamp": [day(10)] * 7 + [day(21)], "label": range(8)})


def joined(store):
    """Label and votes of each row that comes back, by offline store."""
    Path(store).mkdir()
    online = {"type": "sqlite", "path": f"{store}/online.db"}
    config = RepoConfig(project="films", provider="local", registry=f"{store}/registry.db", offline_store={"type": store}, online_store=online, entity_key_serialization_version=3)
    feast = FeatureStore(config=config)
    film = Entity(name="film", join_keys=["film"], value_type=ValueType.STRING)
    source = FileSource(path=str(Path("votes.parquet").resolve()), timestamp_field="day")
    feast.apply([film, FeatureView(name="view", entities=[film], ttl=timedelta(days=2), schema=[Field(name="votes", dtype=Int64)], source=source)])
    frame = feast.get_historical_features(entity_df=labels.copy(), features=["view:votes"]).to_df().sort_values("label")
    return {int(label): None if pd.isna(votes) else int(votes) for label, votes in zip(frame["label"], frame["votes"])}


by_hand = {}
for label, film, now in zip(labels["label"], labels["film"], labels["event_timestamp"]):
    valid = features[(features["film"] == film) & (features["day"] <= now) & (features["day"] >= now - timedelta(days=2))]
    by_hand[label] = int(valid["votes"].iloc[-1]) if len(valid) else None
complete = {0: 100, 1: None, 2: None, 3: 400, 4: 400, 5: None, 6: None, 7: 300}
expect("by hand", by_hand, complete)
expect("DuckDB store", joined("duckdb"), complete)
expect("Dask store", joined("dask"), {0: 100, 4: 400, 5: None, 6: 500, 7: 300})
PY
