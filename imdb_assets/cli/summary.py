"""The summary of a run for people: rows per layer, scores, live predictions, times, and where to go next."""

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from imdb_assets.cli.run import Report
from imdb_assets.lake.lake import Lake
from imdb_assets.ml import splits
from imdb_assets.ml.iterations import POPULATIONS
from imdb_assets.ml.model_card import ATTRIBUTION
from imdb_assets.naming import parameter
from imdb_assets.serving import local
from imdb_assets.settings import Settings
from imdb_assets.wiring import lake_of

LAYERS = ["bronze", "quarantine", "silver", "gold", "models", "serving"]


def show(console: Console, settings: Settings, report: Report) -> None:
    """Prints the summary of a finished run."""
    lake = lake_of(settings)
    console.print(_rows(lake))
    console.print(_scores(lake.table("models.iterations").scan().collect()))
    answers = lake.table("serving.live_predictions").scan().collect()
    console.print(_answers(answers))
    console.print(_times(report))
    for check in report.failed_checks:
        console.print(f"[yellow]! {escape(check)}[/]")
    places = {
        "sample": "a generated sample (no row of it is IMDb's)",
        "folder": f"the dumps in {settings.source_folder}",
    }
    made_of = places.get(settings.source, "IMDb's data")
    console.print(f"\n[bold green]Done[/] in {report.wall_seconds:.0f} s on {escape(made_of)}. Where to go next:")
    for command, what in (
        ("make ui", "browse lineage, checks and pictures"),
        (".venv/bin/imdb predict tt0108052", "ask the model"),
        (".venv/bin/imdb tables", "list the lake's tables; `imdb sql` queries them"),
        ("make demo SOURCE=<folder>", "run everything on IMDb's own dumps"),
        ("make stop", "end the endpoint, which is still running"),
    ):
        console.print(f"  {command:<34} [dim]{what}[/]", highlight=False)
    console.print(f"  {local.url_of(settings):<34} [dim]search films; five dashboards are at /dashboards[/]")
    if settings.source != "sample":
        console.print(f"\n[dim]{ATTRIBUTION}[/]")


def _rows(lake: Lake) -> Grid:
    grid = Grid("layer", "table", "rows", "size", title="Rows per layer", title_justify="left")
    grid.columns[2].justify = grid.columns[3].justify = "right"
    tables = {table.name: table for table in lake.tables()}
    for layer in LAYERS:
        names = [name for name in tables if name.startswith(f"{layer}.")]
        if layer == "quarantine":
            total = sum(tables[name].rows for name in names)
            grid.add_row(layer, "lines that could not be read", f"{total:,}", "")
            continue
        for place, name in enumerate(names):
            size = f"{tables[name].bytes / 1e6:,.1f} MB"
            grid.add_row(layer if place == 0 else "", parameter(name), f"{tables[name].rows:,}", size)
    return grid


def _scores(scores: pl.DataFrame) -> Grid:
    grid = Grid(title="R² of each iteration, on all clean films and on the most voted films", title_justify="left")
    grid.add_column("iteration")
    for split in splits.SPLITS:
        for population in ("all", "top"):
            grid.add_column(f"{split}\n{population}", justify="right")
    for name in scores["iteration"].unique(maintain_order=True):
        rows = scores.filter(iteration=name)
        first = rows.row(0, named=True)
        cells = [
            f"{rows.filter(split=split, population=population)['r2'].item():.3f}"
            for split in splits.SPLITS
            for population in POPULATIONS
        ]
        leaks = first["leaking_features"] > 0
        grid.add_row(f"{name} {first['description']}", *cells, style="red" if leaks else None)
    grid.caption = (
        f"random: tested on {splits.TEST_SHARE:.0%} of films, trained on the rest; temporal: trained on films from "
        f"before {splits.TEMPORAL_SPLIT_YEAR}, tested on the rest; red: the iteration leaks ratings"
    )
    return grid


def _answers(answers: pl.DataFrame) -> Grid:
    grid = Grid("film", "title", "actual", "predicted", "error", "ms", title="Live predictions", title_justify="left")
    for row in answers.iter_rows(named=True):
        grid.add_row(
            row["tconst"],
            escape(f"{row['title']} ({row['start_year']})"),
            "unrated" if row["actual"] is None else f"{row['actual']:.1f}",
            f"{row['predicted']:.2f}",
            "" if row["error"] is None else f"{row['error']:+.2f}",
            f"{row['latency_ms']:.1f}",
        )
    error = answers["error"].abs().mean()
    if isinstance(error, float):
        grid.caption = f"Mean absolute error {error:.2f} on films the served model has not seen."
    return grid


def _times(report: Report) -> Grid:
    grid = Grid("stage", "seconds", title="Time", title_justify="left")
    grid.columns[1].justify = "right"
    stages: dict[str, float] = {}
    for step, seconds in report.seconds.items():
        stage = step.partition("/")[0]
        stages[stage] = stages.get(stage, 0.0) + seconds
    for stage, seconds in stages.items():
        grid.add_row(stage, f"{seconds:.1f}")
    return grid
