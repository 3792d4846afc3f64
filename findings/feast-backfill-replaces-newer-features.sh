#!/usr/bin/env bash
# Question: Feast's online store has the votes of yesterday. A backfill, materialize(), then loads an older window.
#   Which votes are served, and does a feature that is older than its ttl count as missing?
# Guess: The votes of yesterday: each value is stored with its time, and the newest counts, as it does in training.
# What happens: The SQLite store, the default, serves the old votes: the last write counts, whatever its time. Nor does
#   ttl matter: votes of 400 days ago are PRESENT, with a ttl of 5 days. get_historical_features gives the newest votes,
#   and NULL for expired ones, so training and serving differ.
# Versions: feast 0.67.0, duckdb 2.0.1, pandas 2.3.3. The reads without ttl are feast's issue 4133.
# For a user: After a backfill materialize the newest window again, and check event_timestamps of each answer.
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


import contextlib
import io
import warnings
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
from feast.types import Int64

warnings.filterwarnings("ignore")
print("feast", version("feast"))
today = pd.Timestamp.now(tz="UTC").floor("D")


def ago(days):
    return (today - timedelta(days=days)).to_pydatetime()


rows = [("Heat", ago(10), 100), ("Heat", ago(1), 900), ("Dune", ago(400), 50)]
pd.DataFrame(rows, columns=["film", "day", "votes"]).to_parquet("votes.parquet")
config = RepoConfig(project="films", provider="local", registry="registry.db", offline_store={"type": "duckdb"}, online_store={"type": "sqlite", "path": "online.db"}, entity_key_serialization_version=3)
feast = FeatureStore(config=config)
film = Entity(name="film", join_keys=["film"], value_type=ValueType.STRING)
source = FileSource(path=str(Path("votes.parquet").resolve()), timestamp_field="day")
feast.apply([film, FeatureView(name="view", entities=[film], ttl=timedelta(days=5), schema=[Field(name="votes", dtype=Int64)], source=source)])


def materialized(start, end):
    """Votes and status that the online store serves after the window has been loaded."""
    with contextlib.redirect_stdout(io.StringIO()):
        feast.materialize(ago(start), ago(end))
    answer = feast.get_online_features(features=["view:votes"], entity_rows=[{"film": "Heat"}, {"film": "Dune"}])
    column = list(answer.proto.metadata.feature_names.val).index("votes")
    statuses = [FieldStatus.Name(status) for status in answer.proto.results[column].statuses]
    return list(zip(["Heat", "Dune"], answer.to_dict()["votes"], statuses))


expect("online, after the last 5 days", materialized(5, 0), [("Heat", 900, "PRESENT"), ("Dune", None, "NOT_FOUND")])
expect("online, after a backfill of older days", materialized(500, 5), [("Heat", 100, "PRESENT"), ("Dune", 50, "PRESENT")])
asked = pd.DataFrame({"film": ["Heat", "Dune"], "event_timestamp": [today, today]})
frame = feast.get_historical_features(entity_df=asked, features=["view:votes"]).to_df().set_index("film")["votes"]
expect("training, same day", {film: None if pd.isna(votes) else int(votes) for film, votes in frame.items()}, {"Heat": 900, "Dune": None})
PY
