"""Charts of the models for metadata and docs: Altair specifications, and their PNG bytes.

The data are rows of `models.*` tables; this module computes nothing that another module could store.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from imdb_assets.colours import SERIES, colours
from imdb_assets.ml.iterations import POPULATIONS, REGIMES, SEED_CLAIMS

if TYPE_CHECKING:
    import altair as alt

_CLAIM = "claimed by the source"
_COLOURS = {_CLAIM: "c5", "random": "c1", "temporal": "c3"}
"""Maps each score to its name in `colours`."""
_SHAPES = {_CLAIM: "diamond", "random": "circle", "temporal": "square"}
_SCALE = 2.0
"""Pixels per point: sharp on the screens that show metadata."""
_BINS_PER_POINT = 5
"""Bins per rating point in the calibration chart: two of IMDb's decimals each; uneven bins would draw stripes."""


def iterations_chart(scores: pl.DataFrame) -> "alt.FacetChart":
    """R² per iteration as dots, one panel per test population: the claim, both splits, and leaking versions in red.

    Args:
        scores: Rows of `models.iterations`.
    """
    import altair as alt

    dots, colour = _dots(scores), colours("light")
    order = dots["version"].unique(maintain_order=True).to_list()
    vertical = alt.Y("version:N", sort=order, title=None, axis=alt.Axis(labelLimit=340, grid=True))
    leaks = alt.datum.leaks
    points = (
        alt.Chart()
        .mark_point(filled=True, size=110, opacity=0.95)
        .encode(
            x=alt.X("r2:Q", title="R² on the test rows", scale=alt.Scale(zero=True)),
            y=vertical,
            shape=alt.Shape("score:N", title=None, scale=_scale(_SHAPES)),
            color=alt.condition(
                leaks,
                alt.value(colour["down"]),
                alt.Color(
                    "score:N", title=None, scale=_scale({score: colour[name] for score, name in _COLOURS.items()})
                ),
            ),
        )
    )
    labels = (
        alt.Chart()
        .mark_text(align="left", dx=9, color=colour["down"], fontWeight="bold")
        .encode(x="r2:Q", y=vertical, text=alt.value("leak"))
        .transform_filter(leaks & alt.datum.rightmost)
    )
    panels: Any = alt.layer(points, labels, data=alt.InlineData(dots.to_dicts())).properties(width=380, height=250)
    column = alt.Column("population:N", sort=list(POPULATIONS), title="test rows", header=alt.Header(labelFontSize=12))
    return panels.facet(column=column).properties(title="R² of every version of the model, as claimed and as measured")


def calibration_chart(predictions: pl.DataFrame) -> "alt.FacetChart":
    """Actual and out-of-fold predicted ratings as a density, one panel per regime, with the line of no error.

    Args:
        predictions: Rows of `models.predictions`.
    """
    import altair as alt

    width = 1 / _BINS_PER_POINT

    def binned(column: str) -> pl.Expr:
        return ((pl.col(column) * _BINS_PER_POINT + 1e-6).floor() / _BINS_PER_POINT).clip(upper_bound=10 - width)

    rated = predictions.filter(pl.col("split") == "fold")
    cells = (
        rated.group_by("regime", binned("predicted"), binned("actual"))
        .len("films")
        .sort("regime", "predicted", "actual")
    )
    cells = cells.with_columns(predicted_to=pl.col("predicted") + width, actual_to=pl.col("actual") + width)
    density = (
        alt.Chart()
        .mark_rect()
        .encode(
            x=alt.X("predicted:Q", title="predicted, out-of-fold", scale=alt.Scale(domain=[1, 10])),
            x2="predicted_to:Q",
            y=alt.Y("actual:Q", title="actual", scale=alt.Scale(domain=[1, 10])),
            y2="actual_to:Q",
            color=alt.Color("films:Q", scale=alt.Scale(type="log", scheme="blues")),
        )
    )
    no_error = (
        alt.Chart()
        .transform_aggregate(films="count()", groupby=["regime"])  # one line per panel, not one per cell
        .mark_rule(color=colours("light")["down"], strokeWidth=1)
        .encode(x=alt.XDatum(1), y=alt.YDatum(1), x2=alt.X2Datum(10), y2=alt.Y2Datum(10))
    )
    panels: Any = alt.layer(density, no_error, data=alt.InlineData(cells.to_dicts())).properties(width=300, height=300)
    column = alt.Column("regime:N", title=None)
    return panels.facet(column=column).properties(title="Calibration: actual against predicted")


def breakdown_chart(scores: pl.DataFrame) -> "alt.FacetChart":
    """R² of the champions on the temporal split by slice, with bootstrap intervals, one panel per breakdown.

    Args:
        scores: Rows of `models.champion_scores`.
    """
    import altair as alt

    kept = scores.filter(
        pl.col("split") == "temporal",
        pl.col("population") == "all clean films",
        pl.col("breakdown").is_in(["release year", "vote band", "director's earlier films", "genre"]),
    ).select("regime", "breakdown", "slice", "r2", "r2_lower", "r2_upper", "test_rows")
    regimes = {regime: colours("light")[name] for regime, name in zip(REGIMES, SERIES, strict=False)}
    colour = alt.Color("regime:N", title=None, scale=_scale(regimes))
    vertical = alt.Y("slice:N", title=None, sort=None)  # in the order of the rows
    dots = alt.Chart().mark_point(filled=True, size=60).encode(x=alt.X("r2:Q", title="R²"), y=vertical, color=colour)
    ends = alt.Chart().mark_rule().encode(x="r2_lower:Q", x2="r2_upper:Q", y=vertical, color=colour)
    panels: Any = alt.layer(ends, dots, data=alt.InlineData(kept.to_dicts())).properties(width=240)
    row = alt.Facet("breakdown:N", title=None)
    return (
        panels.facet(facet=row, columns=2)
        .resolve_scale(y="independent")
        .properties(title="Champions on the temporal test, by slice")
    )


def to_png(chart: "alt.FacetChart") -> bytes:
    """Renders the chart as PNG in this process, without a browser or network."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=_SCALE)


def _dots(scores: pl.DataFrame) -> pl.DataFrame:
    measured = scores.select(
        "iteration",
        "population",
        version=pl.format("{} · {}", "iteration", "description"),
        score="split",
        r2="r2",
        leaks=pl.col("leaking_features") > 0,
    )
    names: list[dict[str, Any]] = [{"iteration": name, "r2": r2} for name, r2 in SEED_CLAIMS.items()]
    claimed = (
        measured.select("iteration", "population", "version")
        .unique(maintain_order=True)
        .join(pl.DataFrame(names), on="iteration", maintain_order="left")
        .select("iteration", "population", "version", score=pl.lit(_CLAIM), r2="r2", leaks=pl.lit(value=False))
    )
    dots = pl.concat([measured, claimed])
    return dots.with_columns(rightmost=pl.col("r2") == pl.col("r2").max().over("iteration", "population"))


def _scale(of: Mapping[str, str]) -> "alt.Scale":
    import altair as alt

    return alt.Scale(domain=list(of), range=list(of.values()))
