"""The program of a training job in SageMaker's managed image; it runs `champions.fit_champions`.

The program reads the films and the training plan from one folder, and writes the trees to another folder. The
container has no lake, no Dagster and no AWS client.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from imdb_assets.ml import champions, training
from imdb_assets.ml.iterations import Regime

FILMS, PLAN, MADE = "films.parquet", "plan.json", "fitted.json"
INPUT, OUTPUT = Path("/opt/ml/input/data/films"), Path("/opt/ml/model")


def write_input(folder: Path, films: pl.DataFrame, chosen: Mapping[Regime, str], trees: Mapping[Regime, int]) -> None:
    """Writes the files that `fit` reads."""
    films.write_parquet(folder / FILMS)
    (folder / PLAN).write_text(json.dumps({"champions": dict(chosen), "trees": dict(trees)}), encoding="utf-8")


def fit(source: Path, target: Path) -> None:
    """Trains the champions named in a folder's plan, on the films in the same folder.

    Args:
        source: Folder that `write_input` has filled.
        target: Folder that gets a file of trees for each regime, and a description of the trees.
    """
    plan = json.loads((source / PLAN).read_text(encoding="utf-8"))
    fitted = champions.fit_champions(pl.read_parquet(source / FILMS), plan["champions"], plan["trees"])
    made: dict[Regime, dict[str, object]] = {}
    for regime, model in fitted.items():
        (target / f"{regime}.ubj").write_bytes(model.booster.save_raw("ubj"))
        made[regime] = {
            "features": model.features,
            "trees": model.trees,
            "train_rows": model.train_rows,
            "seconds": model.seconds,
        }
    (target / MADE).write_text(json.dumps(made), encoding="utf-8")


def read_output(folder: Path) -> dict[Regime, training.Fitted]:
    """The models that `fit` has written.

    Raises:
        FileNotFoundError: `fit` has not finished.
    """
    from xgboost import Booster

    made = json.loads((folder / MADE).read_text(encoding="utf-8"))
    return {
        regime: training.Fitted(
            booster=Booster(model_file=bytearray((folder / f"{regime}.ubj").read_bytes())),
            features=tuple(facts["features"]),
            trees=facts["trees"],
            train_rows=facts["train_rows"],
            seconds=facts["seconds"],
        )
        for regime, facts in made.items()
    }


if __name__ == "__main__":
    fit(*(map(Path, sys.argv[1:]) if sys.argv[1:] else (INPUT, OUTPUT)))
