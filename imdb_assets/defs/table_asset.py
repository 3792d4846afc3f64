"""Makes every table in the same steps: check the inputs, keep or compute the rows, stage, audit, commit, report.

`table_asset` turns a function into an asset. The function takes the handles of its inputs, and returns a frame or files
that the function has staged. `transformed` turns a transform into an asset; an engine runs the transform. This module
refuses input tables that are outdated or come from different sources, keeps an unchanged table, audits before it
commits, and reports the snapshot to Dagster as the data version (`told.py`).
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import dagster as dg
import narwhals as nw
import polars as pl

from imdb_assets.contracts.base import Contract, polars_schema
from imdb_assets.contracts.parquet import GROUP_ROWS, PAGE_BYTES, file_schema
from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.inputs import handle, pinned, require_usable, resources_for
from imdb_assets.defs.markdown import preview
from imdb_assets.defs.policies import asset_key, column_lineage, contract_arguments
from imdb_assets.defs.told import materialized
from imdb_assets.defs.unchanged import Told, code_of, is_unchanged, may_keep
from imdb_assets.engines.base import EngineError, Engines, Transform, conform
from imdb_assets.lake.audit import Audit, audit
from imdb_assets.lake.files import writing
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.provenance import Provenance
from imdb_assets.lake.publish import field_ids, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.naming import parameter, schema
from imdb_assets.transforms.parts import parts

REFILLED = frozenset({"silver", "gold"})
"""Schemas whose tables must not become empty once they have rows."""

IN_MEMORY = "polars"
"""Engine of tables that are always made from frames in this process, even if the settings select another engine."""

RESOURCES = frozenset({"lake", "landing", "models", "settings", "engines", "run_log"})
"""Parameters that a function may declare, in addition to `context` and its inputs."""


@dataclass(frozen=True)
class Made:
    """The result of a table's function."""

    rows: pl.DataFrame | Staged
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Metadata for people to look at."""
    audit: Audit | None = None
    """The audit of staged files, if the engine that staged the files has audited them."""


Body = Callable[..., Made]
"""A table's function. Each parameter's name selects its argument: an input (`naming.parameter`), one of `RESOURCES`, or
`context`."""


def same(before: Table, code: str, inputs: Mapping[str, str]) -> bool:
    """Whether the given code made the published table from the given inputs."""
    return is_unchanged(before.provenance, code, inputs)


def never() -> bool:
    """Returns False: a table that grows with every run must be made again in every run."""
    return False


def table_asset(
    contract: type[Contract],
    kinds: set[str],
    *,
    reads: Iterable[str] = (),
    after: Iterable[str] = (),
    keeps: Callable[..., bool] = same,
    made_by: Iterable[Callable[..., Any]] = (),
    config: Mapping[str, dg.Field] | None = None,
) -> Callable[[Body], dg.AssetsDefinition]:
    """Turns a function that computes a table's rows into the table's asset.

    Args:
        contract: The table's contract.
        kinds: Kinds that the UI shows, besides `iceberg` and `parquet`.
        reads: Names of the table's inputs in the lake: tables, dumps or the model.
        after: Assets that must be made before this asset, by their names in the lake. The table does not become stale
            if these assets change.
        keeps: A function that tells whether the published table may be kept. `keeps` may take any parameter of the
            decorated function. `keeps` may also take the published table as `before`, and the values that a new
            snapshot would record as `code` and `inputs`.
        made_by: The functions whose code is hashed for the code version; by default the decorated function and
            `conform`, which casts the values. The contract is always hashed, too.
        config: Configuration that a person may set for one run; the function finds it in
            `context.op_execution_context.op_config`.
    """
    reads = list(reads)

    def decorate(body: Body) -> dg.AssetsDefinition:
        wanted = {name for one in (body, keeps) for name in inspect.signature(one).parameters} & RESOURCES

        @dg.asset(
            **contract_arguments(contract, {"iceberg", "parquet", *kinds}),
            deps=[asset_key(name) for name in (*reads, *after)],
            code_version=code_version(*(made_by or (body, conform)), contract),
            required_resource_keys=wanted | resources_for(reads) | {"handles", "settings"},
            config_schema=config,
        )
        def made(context: dg.AssetExecutionContext) -> Told:
            handles: Handles = context.resources.handles
            read = {name: handle(context.resources, name) for name in reads}
            require_usable(contract.table, read.values(), handles)
            by_parameter = {parameter(name): one for name, one in read.items()}
            given = {"context": context, **{name: getattr(context.resources, name) for name in wanted}}
            inputs, before = pinned(read), handles.find(contract.table) if may_keep(context) else None
            if before and _call(keeps, {**given, "before": before, "code": code_of(context), "inputs": inputs}, {}):
                words = f"{contract.table}: unchanged since snapshot {before.snapshot_id} was audited and published."
                yield contract_check(contract, words, rows=before.rows)
                yield materialized(before, {"unchanged": True})
                return
            try:
                result = _call(body, given, by_parameter)
            except dg.Failure:
                yield from context.op_execution_context.consume_events()  # otherwise, Dagster would lose the events
                raise
            lake, rows = handles.lake, result.rows
            staged = rows if isinstance(rows, Staged) else stage_frame(lake, contract, rows)
            staged = replace(staged, inputs=inputs)
            found = result.audit or audit(contract, staged)
            yield contract_check(contract, found.summary(contract.table), rows=found.rows, broken=found.broken)
            table = commit(context, contract, staged, found)
            shown = {"dagster/column_lineage": column_lineage(contract), "preview": preview(staged)}
            yield materialized(table, {**shown, "engine": staged.engine, **result.metadata})

        return made  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is

    return decorate


def transformed(
    contract: type[Contract],
    transform: Transform,
    *,
    reads: Iterable[str],
    describe: Callable[..., dict[str, Any]] | None = None,
) -> dg.AssetsDefinition:
    """The asset of a table that a transform computes on the engine that the settings select.

    Args:
        contract: The table's contract.
        transform: A function that takes one frame for each input; `naming.parameter` gives the names of the arguments.
        reads: The input tables.
        describe: A function that returns further metadata. The function gets the input tables as keyword arguments,
            under the same names as `transform` does.
    """

    def body(lake: Lake, engines: Engines, **tables: Table) -> Made:
        engine, folder = engines.of(contract), staging_folder(lake, contract)
        try:
            with lake.home.errors(f"{contract.table}: nothing was staged or published"):
                ran = engine.run(transform, tables, contract, folder, field_ids(lake, contract))
        except EngineError as error:
            raise dg.Failure(f"{contract.table}: {error}", metadata=error.facts, allow_retries=False) from error
        staged = Staged(contract.table, folder, engine.name)
        return Made(staged, {**ran.facts, **(describe(**tables) if describe else {})}, ran.audit)

    return table_asset(contract, {"narwhals"}, reads=reads, made_by=(transform, parts, conform))(body)


def stage_frame(lake: Lake, contract: type[Contract], frame: pl.DataFrame) -> Staged:
    """Stages a frame that fits in memory, such as a table of scores."""
    folder = staging_folder(lake, contract)
    rows: pl.LazyFrame = conform(nw.from_native(frame.lazy()), contract).to_native()
    with writing(f"{folder}/0.parquet") as path:
        arrow = file_schema(polars_schema(contract), field_ids(lake, contract))
        rows.collect().write_parquet(path, row_group_size=GROUP_ROWS, data_page_size=PAGE_BYTES, arrow_schema=arrow)
    return Staged(contract.table, folder, IN_MEMORY)


def commit(context: dg.AssetExecutionContext, contract: type[Contract], staged: Staged, found: Audit) -> Table:
    """Publishes files that have passed their audit.

    Raises:
        dg.Failure: The files have not passed their audit, or would empty the table; readers keep the previous snapshot.
    """
    _require_rows(context, contract, found)
    if not found.passed:
        raise dg.Failure(
            description=f"{found.summary(contract.table)}. The staged rows are kept for a day, in {staged.prefix}",
            metadata={"staged files": dg.MetadataValue.path(staged.prefix)},
            allow_retries=False,
        )
    made = Provenance(run_id=context.run.run_id, code_version=code_of(context))
    return context.resources.handles.publish(contract, staged, made.properties)


def _require_rows(context: dg.AssetExecutionContext, contract: type[Contract], found: Audit) -> None:
    """Fails the asset if its table had rows and would now have none.

    A contract does not detect an empty table, because a table without rows breaks no rule. The function checks only
    tables of silver and gold. Tables of bronze are checked when the dumps are read; some other tables, such as the
    tables of unreadable lines, alerts or new ratings, may be empty.
    """
    if (
        found.rows
        or contract.incremental
        or schema(contract.table) not in REFILLED
        or context.resources.settings.max_drop == 1
    ):
        return
    before = context.resources.handles.find(contract.table)
    if before and before.rows:
        raise dg.Failure(
            description=(
                f"{contract.table}: would have no rows, but snapshot {before.snapshot_id} has {before.rows:,}; nothing "
                f"was published. Look at the table's inputs ({', '.join(before.inputs) or 'none'}) and at the engine's "
                "log, then materialize the table again; if the table should be empty, run once with IMDB_MAX_DROP=1."
            ),
            allow_retries=False,
        )


def contract_check(contract: type[Contract], words: str, **numbers: Any) -> dg.AssetCheckResult:
    """The result of the table's check `contract`, which passes if no rule is broken."""
    return dg.AssetCheckResult(
        check_name="contract",
        asset_key=asset_key(contract.table),
        passed=not numbers.get("broken"),
        description=words,
        metadata=numbers,
    )


def _call(function: Callable[..., Any], given: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
    """Calls a function, and passes only arguments that match its parameters; a function with `**` gets all inputs."""
    named = inspect.signature(function).parameters
    everything = {**given, **inputs}
    arguments = {name: everything[name] for name in named if name in everything}
    takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in named.values())
    return function(**{**arguments, **(inputs if takes_all else {})})
