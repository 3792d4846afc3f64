"""The `imdb` command: what each subcommand takes and prints. What they do is in the modules they name."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from imdb_assets.cli import aws, endpoint, lake, models, views
from imdb_assets.cli.output import Format, console, fail, print_rows
from imdb_assets.settings import PROJECT_ROOT, Settings, SettingsError, load_settings

REASONS = 5
"""Of a prediction that are printed."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="IMDb's dumps as a lakehouse, an honest rating model and a live endpoint. Start with `imdb demo`.",
)
app.add_typer(lake.app)
app.add_typer(models.app)
app.add_typer(views.app)
app.add_typer(aws.app)
app.add_typer(endpoint.app)


@app.command()
def demo(
    source: Annotated[
        Path | None,
        typer.Option(
            help="Folder with IMDb's seven dumps, .tsv.gz or .tsv; without it a sample is generated.", file_okay=False
        ),
    ] = None,
) -> None:
    """Run everything once: dumps → bronze → silver → gold → features → model → live endpoint → predictions."""
    if source is not None:
        os.environ.update(IMDB_SOURCE="folder", IMDB_SOURCE_FOLDER=str(source.resolve()))
    settings = load_settings()
    from imdb_assets.cli.run import run_everything
    from imdb_assets.cli.summary import show
    from imdb_assets.sources.folder import FolderSource

    if settings.source == "folder" and settings.source_folder:
        missing = FolderSource(settings.source_folder).missing()
        if missing:
            fail(missing)  # once, and not by each of seven steps
    report = run_everything(console)
    if not report.succeeded:
        published = ", ".join(report.rows) or "nothing"
        fail("The run failed.", *report.failures, f"Published before that: {published}.", "Details: make ui")
    show(console, settings, report)


@app.command()
def ui() -> None:
    """Open Dagster's UI with the daemon: lineage, runs, checks, schedules."""
    settings = load_settings()
    from imdb_assets.cli.run import use_project_instance

    use_project_instance()
    console.print(f"Dagster's UI: http://127.0.0.1:{settings.ui_port}  (Ctrl-C ends it)")
    dg = str(Path(sys.executable).with_name("dg"))
    os.execv(dg, [dg, "dev", "--host", "127.0.0.1", "--port", str(settings.ui_port)])  # noqa: S606 - no shell


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write the seven dumps to.")],
    titles: Annotated[
        int | None, typer.Option(min=2_000, help="Number of titles, in the demo's proportions. [default: 300000]")
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(min=0.001, max=1.0, help="Fraction of IMDb's size, in IMDb's own proportions; 1 is all of it."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives another catalogue.")] = 7,
) -> None:
    """Generate seven dumps with IMDb's schema and quirks; no row in them is IMDb's.

    There are two kinds of samples. The **demo's** (`--titles 300000`, the default) has three times IMDb's share of
    films, so that a model has 44,000 clean ones to learn from, and fewer credits of everything else: 40 MB, made in
    seconds. **IMDb's own** (`--scale 1.0`) has 12.7 M titles, 101 M credits and 59 M alternative titles in files as
    large as the real ones: 1.9 GB packed, 9.5 GB unpacked, made in about seven minutes on two cores with 2 GB of
    memory. Any fraction works; sizes, time and most of the memory shrink with it.

    The same arguments give the same rows everywhere. Try a sample with `imdb demo --source FOLDER`.
    """
    if titles is not None and scale is not None:
        raise typer.BadParameter("--titles and --scale name two kinds of samples; give one of them.")
    from imdb_assets.cli.progress import show_shares
    from imdb_assets.sources.base import SourceError
    from imdb_assets.sources.sample.generator import write_sample
    from imdb_assets.sources.sample.proportions import DEMO, DEMO_TITLES, IMDB, IMDB_TITLES

    count, proportions = (titles or DEMO_TITLES, DEMO) if scale is None else (round(scale * IMDB_TITLES), IMDB)
    try:
        with show_shares(console) as on_progress:
            write_sample(out, titles=count, seed=seed, proportions=proportions, on_progress=on_progress)
    except OSError as error:
        raise SourceError(f"{out}: cannot be written: {error}. Make room, or name another folder (--out).") from error
    for path in sorted(out.glob("*.tsv.gz")):
        console.print(f"{path.stat().st_size / 1e6:8.1f} MB  {escape(str(path))}")


@app.command()
def predict(
    tconst: Annotated[str, typer.Argument(help="IMDb's id of a film, such as tt0108052.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What would this film be rated? Says which model answered and whether it had seen the film."""
    settings = load_settings()
    from imdb_assets.serving.predictor import Predictor
    from imdb_assets.wiring import lake_of, models_of

    answer = Predictor(lake_of(settings), models_of(settings)).predict_film(tconst)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    rated = "not rated yet" if answer.actual is None else f"rated {answer.actual:.1f}"
    console.print(
        f"{escape(str(answer.title))} ({answer.start_year}), {rated}: predicted [bold]{answer.predicted:.2f}[/], "
        f"nine of ten such films lie within {answer.lower:.1f}-{answer.upper:.1f}"
    )
    for reason in answer.reasons[:REASONS]:
        console.print(f"  {reason.points:+.2f} {reason.family}")
    origin = f"iteration {answer.iteration}, model {answer.model_version}"
    console.print(f"[dim]regime: {answer.regime}; basis: {answer.basis}; {origin}[/]")


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='DuckDB SQL, such as "select count(*) from silver.movies".')],
    *,
    athena: Annotated[
        bool, typer.Option("--athena", help="Ask Athena, in its own dialect (Trino); needs IMDB_LAKE=s3.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Query the lake's tables and views, named `schema.table`; see `imdb tables` and `imdb views`."""
    settings = load_settings()
    if athena:
        _ask_athena(settings, query, output)
        return
    import duckdb

    from imdb_assets.warehouse.duckdb import connect
    from imdb_assets.wiring import lake_of

    try:
        frame = connect(lake_of(settings)).rows(query)
    except duckdb.Error as error:
        fail(f"SQL: {error}", "Tables: imdb tables. Views over them: imdb views")
    print_rows(frame, output)


def _ask_athena(settings: Settings, query: str, output: Format) -> None:
    """Prints rows; what they cost goes where it does not mix with them."""
    if settings.lake != "s3":
        fail("Athena reads a lake on S3, and this one is in a folder.", "Leave --athena out, or set IMDB_LAKE=s3.")
    from imdb_assets.aws.athena import Athena, AthenaError

    try:
        answer = Athena(settings).sql(query)
    except AthenaError as error:
        fail(f"Athena: {error}", "Tables: imdb tables")
    print_rows(answer.rows, output)
    typer.echo(
        f"{answer.bytes_scanned:,} bytes scanned in {answer.seconds:.1f} s, ${answer.usd:.6f}; query {answer.query_id}",
        err=True,
    )


@app.command()
def tables(output: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table) -> None:
    """List the lake's tables with rows, size, current snapshot and number of snapshots."""
    settings = load_settings()
    import polars as pl

    from imdb_assets.wiring import lake_of

    lake = lake_of(settings)
    rows = [
        {
            "table": table.name,
            "rows": table.rows,
            "bytes": table.bytes,
            "snapshot": table.snapshot_id,
            "snapshots": len(lake.history(table.name)),
        }
        for table in lake.tables()
    ]
    if not rows:
        fail(f"The lake at {lake.home.address} is empty. Run `make demo` first.")
    print_rows(pl.DataFrame(rows), output)


@app.command()
def stop() -> None:
    """End the local model server."""
    from imdb_assets.serving import local

    console.print("stopped" if local.stop(load_settings()) else "no model server was running")


@app.command()
def doctor() -> None:
    """Look for common problems of this machine and say how to fix them."""
    settings = load_settings()
    from imdb_assets.cli.doctor import examine

    findings = list(examine(settings))
    for finding in findings:
        verdict = "[green]ok[/]     " if finding.ok else "[red]problem[/]"
        console.print(f"{verdict} {finding.subject}: {escape(finding.detail)}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Entry point: every error that was written for people ends as one message and exit code 1."""
    from imdb_assets.aws.billing.prices import BudgetError
    from imdb_assets.aws.deploy.errors import DeployError
    from imdb_assets.lake.lake import LakeError
    from imdb_assets.ml.artifact import ModelError
    from imdb_assets.serving.errors import EndpointError, ServingError
    from imdb_assets.sources.base import SourceError

    try:
        app()
    except SettingsError as error:
        fail("The settings are wrong:", *str(error).splitlines(), f"See {PROJECT_ROOT / '.env.example'}")
    except (BudgetError, DeployError, LakeError, ModelError, EndpointError, ServingError, SourceError) as error:
        fail(str(error))
