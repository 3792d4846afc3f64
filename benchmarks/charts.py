"""Pictures of the benchmark: how time and memory grow with the catalogue, and the engines beside each other."""

from typing import TYPE_CHECKING, Any

from benchmarks.jobs import ENGINES, JOBS
from benchmarks.results import MEMORY_GIB, PLATFORM, Measurement, Results
from imdb_assets.colours import colours

if TYPE_CHECKING:
    import altair as alt

GiB = 2**30
_PIXELS_PER_POINT = 2.0
_COLOURS = dict(zip(ENGINES.values(), ("c3", "c2", "c1", "c4"), strict=True))
"""Engine → its name in `colours`."""


def growth_chart(results: Results) -> "alt.HConcatChart":
    """Seconds and peak memory of this platform's jobs against the scale."""
    import altair as alt

    own = [item for item in results.measurements if item.engine == PLATFORM]
    points = [_point(item) for item in [*results.growth, *own]]
    data = alt.InlineData(sorted(points, key=lambda point: point["scale"]))
    scales = sorted({point["scale"] for point in points})
    x = alt.X(
        "scale:Q",
        title="scale (1 is IMDb's full size)",
        axis=alt.Axis(values=scales, format=".3~g"),
        scale=alt.Scale(domainMin=0),
    )
    panels: list[Any] = []
    for column, title in (("seconds", "seconds"), ("memory", "peak memory, GiB")):
        lines = (
            alt.Chart(data)
            .mark_line(point=True)
            .encode(
                x=x,
                y=alt.Y(f"{column}:Q", title=title, scale=alt.Scale(domainMin=0)),
                color=alt.Color("job:N", title=None, sort=list(JOBS)),
            )
        )
        if column == "memory":
            limit = (
                alt.Chart()
                .mark_rule(strokeDash=[4, 4], color=colours("light")["down"])
                .encode(y=alt.YDatum(MEMORY_GIB))
            )
            lines = alt.layer(lines, limit)
        panels.append(lines.properties(width=320, height=240))
    return alt.hconcat(*panels).properties(title="This platform, from a part of IMDb to all of it")


def engines_chart(results: Results) -> "alt.VConcatChart":
    """Seconds of every job by every engine, as bars on a scale of their own per job."""
    import altair as alt

    panels: list[Any] = []
    for job in JOBS.values():
        rows = [_point(item) for item in results.measurements if item.job == job.name]
        bars = (
            alt.Chart(alt.InlineData(rows))
            .mark_bar()
            .encode(
                x=alt.X("seconds:Q", title=None),
                y=alt.Y("engine:N", sort=list(_COLOURS), title=None, axis=alt.Axis(minExtent=90)),
                color=alt.Color(
                    "engine:N",
                    legend=None,
                    scale=alt.Scale(
                        domain=list(_COLOURS), range=[colours("light")[name] for name in _COLOURS.values()]
                    ),
                ),
            )
        )
        panels.append(bars.properties(width=560, height=66, title=f"({job.letter}) {job.description}, seconds"))
    return alt.vconcat(*panels)


def to_png(chart: Any) -> bytes:
    """The chart as PNG; rendered in this process, no browser and no network."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=_PIXELS_PER_POINT)


def _point(item: Measurement) -> dict[str, Any]:
    return {
        "job": item.job,
        "engine": ENGINES[item.engine],
        "scale": item.scale,
        "seconds": item.seconds,
        "memory": item.peak_bytes / GiB,
    }
