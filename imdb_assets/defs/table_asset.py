"""How an asset becomes a table: run the transform, audit what it staged, hand it over for the commit.

A table that a transform makes is `table_asset`; assets with a body of their own end it with `deliver`.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import file_schema
from imdb_assets.defs.policies import asset_key, code_version, column_lineage, table_arguments
from imdb_assets.defs.unchanged import deliver_kept, kept_table, pinned
from imdb_assets.engines.base import EngineError, Engines, Transform
from imdb_assets.engines.polars import PolarsEngine
from imdb_assets.engines.spark import SparkEngine
from imdb_assets.lake.files import parquet_files, scan, writing
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.publish import audit, field_ids, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.ml import charts

if TYPE_CHECKING:
    import altair as alt

PREVIEW_ROWS = 5
LONGEST_CELL = 300  # characters; the event log keeps every preview

IN_MEMORY = "polars"
"""Engine of tables that are made of frames in this process, whatever the settings say."""

ENGINES = (PolarsEngine, SparkEngine)
"""Their code counts as that of every table they may make."""

Delivery = Iterator[dg.AssetCheckResult | dg.Output[Staged] | dg.Output[Table]]
"""What the body of a table's asset yields: its check, then the files to publish or the table to keep."""


def table_asset(
    contract: type[Contract],
    transform: Transform,
    *,
    inputs: list[str],
    describe: Callable[..., dict[str, Any]] | None = None,
) -> dg.AssetsDefinition:
    """The asset of a table that a transform makes.

    Args:
        contract: The table's contract.
        transform: Takes one frame per input, by the last part of its name.
        inputs: Tables it reads, as `schema.table`.
        describe: Further metadata, from the input tables by the same names.
    """

    @dg.asset(
        **table_arguments(contract, {"narwhals"}),
        ins={table.partition(".")[2]: dg.AssetIn(asset_key(table)) for table in inputs},
        code_version=code_version(transform, contract, *ENGINES),
    )
    def body(
        context: dg.AssetExecutionContext,
        lake: dg.ResourceParam[Lake],
        engines: dg.ResourceParam[Engines],
        **tables: Table,
    ) -> Delivery:
        lake.require_agreement(tables.values())
        engine = engines.of(contract)
        if kept := kept_table(context, lake, contract, pinned(tables), engine.name):
            yield from deliver_kept(contract, kept)
            return
        folder = staging_folder(lake, contract)
        try:
            with lake.home.errors(f"{contract.table}: nothing was staged, let alone published"):
                facts = engine.run(transform, tables, contract, folder, field_ids(lake, contract))
        except EngineError as error:
            raise dg.Failure(f"{contract.table}: {error}", metadata=error.facts, allow_retries=False) from error
        staged = Staged(contract.table, folder, engine.name, pinned(tables))
        yield from deliver(contract, staged, metadata={**facts, **(describe(**tables) if describe else {})})

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


def stage_frame(lake: Lake, contract: type[Contract], frame: pl.DataFrame, inputs: Mapping[str, str]) -> Staged:
    """Stages a frame that is small enough to be in memory, such as a table of scores.

    Args:
        lake: Where it will be published.
        contract: The table's contract.
        frame: Its rows.
        inputs: What it was made from, by `pinned`.
    """
    folder = staging_folder(lake, contract)
    schema = polars_schema(contract)
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    with writing(f"{folder}/0.parquet") as path:
        rows.write_parquet(path, arrow_schema=file_schema(schema, field_ids(lake, contract)))
    return Staged(contract.table, folder, IN_MEMORY, dict(inputs))


def deliver(
    contract: type[Contract], staged: Staged, *, metadata: Mapping[str, Any]
) -> Iterator[dg.AssetCheckResult | dg.Output[Staged]]:
    """Audits staged files and passes them on; a failed audit fails the step before any commit.

    The check result comes first: an IO manager runs before results that are returned with the output are evaluated.
    """
    result = audit(contract, staged)
    yield dg.AssetCheckResult(
        check_name="contract",
        asset_key=asset_key(contract.table),
        passed=result.passed,
        description=result.summary(contract.table),
        metadata={"rows": result.rows, "broken": result.broken},
    )
    if not result.passed:
        raise dg.Failure(
            description=f"{result.summary(contract.table)}. For a day the staged rows are in {staged.prefix}",
            metadata={"staged files": dg.MetadataValue.path(staged.prefix)},
            allow_retries=False,
        )
    yield dg.Output(
        staged,
        metadata={
            "dagster/column_lineage": column_lineage(contract),
            "preview": preview(staged),
            "engine": staged.engine,
            **metadata,
        },
    )


def preview(staged: Staged) -> dg.MarkdownMetadataValue:
    """The first rows as a Markdown table."""
    return markdown_table(scan(parquet_files(staged.prefix)[-1:]).head(PREVIEW_ROWS).collect())


def markdown_table(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """A frame as a Markdown table."""
    rows = [frame.columns, ["---"] * frame.width, *([_cell(value) for value in row] for row in frame.iter_rows())]
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(row)} |" for row in rows))


def picture(chart: "alt.FacetChart") -> dg.MarkdownMetadataValue:
    """A chart as an image within Markdown, which the UI shows in place."""
    return dg.MetadataValue.md(image("chart", charts.to_png(chart)))


def image(title: str, png: bytes) -> str:
    """A PNG within Markdown."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _cell(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    if len(text) > LONGEST_CELL:
        text = f"{text[:LONGEST_CELL]}…"
    return text.replace("|", "\\|").replace("\n", " ")
