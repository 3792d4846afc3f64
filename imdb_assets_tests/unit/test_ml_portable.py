"""A saved model is the same model in every release of XGBoost that people have."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xgboost

from imdb_assets.ml import iterations, portable, splits, training
from imdb_assets_tests.films import movie_features

FEATURES = iterations.features(iterations.iteration("v8"))

_READ = """
import sys
import numpy, xgboost
booster = xgboost.Booster(model_file=sys.argv[1])
numpy.save(sys.argv[3], booster.inplace_predict(numpy.load(sys.argv[2])))
print(xgboost.__version__)
"""


def test_the_base_score_is_a_bare_number_and_predictions_stay_the_same_to_the_bit() -> None:
    films = splits.clean(movie_features())
    model = training.fit(films, FEATURES, 20)
    content = portable.ubj(model.booster)
    assert b"base_scoreSL" in content
    assert b"[" not in content.partition(b"base_scoreSL")[2][:24]
    read = xgboost.Booster(model_file=bytearray(content))
    rows = training.matrix(films, FEATURES)
    np.testing.assert_array_equal(training.predict(read, rows), training.predict(model.booster, rows))
    assert portable.ubj(read) == content


def test_a_release_that_writes_otherwise_is_named() -> None:
    class Other:
        def save_raw(self, _: str) -> bytes:
            return b"base_scoreU\x05"

    with pytest.raises(ValueError, match=rf"XGBoost {xgboost.__version__} writes base_score differently"):
        portable.ubj(Other())  # pyright: ignore[reportArgumentType]


@pytest.mark.slow
@pytest.mark.parametrize("package", ["xgboost-cpu==3.0.5", "xgboost-cpu==2.1.4", "xgboost==1.7.6"])
def test_older_releases_read_the_same_model(tmp_path: Path, package: str) -> None:
    films = splits.clean(movie_features())
    model = training.fit(films, FEATURES, 20)
    (tmp_path / "model.ubj").write_bytes(portable.ubj(model.booster))
    rows = training.matrix(films, FEATURES)
    np.save(tmp_path / "rows.npy", rows)
    uv, python = Path(sys.executable).with_name("uv"), tmp_path / "venv" / "bin" / "python"
    commands: list[list[str | Path]] = [
        [uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"],
        [uv, "pip", "install", "--quiet", "--python", python, package, "numpy==1.26.4", "scipy==1.13.1"],
        [python, "-c", _READ, *(tmp_path / name for name in ("model.ubj", "rows.npy", "read.npy"))],
    ]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for command in commands]
    assert said[-1].strip() == package.partition("==")[2]
    read = np.load(tmp_path / "read.npy")
    np.testing.assert_allclose(read, model.booster.inplace_predict(rows), atol=1e-6)
