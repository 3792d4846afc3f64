"""Saves models as bytes that all versions of XGBoost read in the same way.

XGBoost 3.2 writes `base_score`, the prediction before the first tree, as a list such as `[6E0]`. XGBoost before 3.1
expects a bare number. XGBoost before 3.1 reads the list `[6E0]` as 0.5 without an error, and predicts ratings that are
wrong by 5.5 points. All versions of XGBoost can read `base_score` as a bare number, so this module saves a bare number.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xgboost import Booster

_KEY = b"base_scoreSL"
"""The key `base_score` in UBJSON, followed by two letters that mean "a string whose length is stored in eight
bytes"."""
_IN_A_LIST = re.compile(_KEY + rb".{8}\[([^],]+)\]", re.DOTALL)


def ubj(booster: "Booster") -> bytes:
    """The booster as UBJSON, with its base score as a bare number.

    Raises:
        ValueError: The installed version of XGBoost writes the base score in some other form.
    """
    content, count = _IN_A_LIST.subn(
        lambda found: _KEY + len(found[1]).to_bytes(8) + found[1], bytes(booster.save_raw("ubj"))
    )
    if count != 1:
        import xgboost

        msg = (
            f"XGBoost {xgboost.__version__} writes base_score differently from XGBoost 3.2, so other releases may"
            " misread the model: install the pinned XGBoost, or mend imdb_assets/ml/portable.py"
        )
        raise ValueError(msg)
    return content
