"""Bronze: the seven dumps as typed tables, and for each dump, a quarantine table with the dump's unreadable lines."""

import dagster as dg
import polars as pl

from imdb_assets.contracts.base import Contract, description
from imdb_assets.contracts.bronze import DUMP_CONTRACTS, quarantine_contract
from imdb_assets.defs.inputs import pinned
from imdb_assets.defs.markdown import markdown_table
from imdb_assets.defs.policies import asset_key, column_schema, common
from imdb_assets.defs.table_asset import IN_MEMORY, Made, commit, same, table_asset
from imdb_assets.defs.told import event
from imdb_assets.dumps.reader import KEEP_REJECTS, DumpError, ReadCounts, read_dump
from imdb_assets.lake.audit import audit
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.files import reading, writing
from imdb_assets.lake.lake import Lake
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.publish import field_ids, staging_folder
from imdb_assets.lake.table import Staged, Table
from imdb_assets.naming import asset_name, file_name, landed
from imdb_assets.settings import Settings


def _bronze_asset(dump: str, contract: type[Contract]) -> dg.AssetsDefinition:
    quarantine = quarantine_contract(contract)

    def keeps(before: Table, code: str, inputs: dict[str, str], settings: Settings, landing: Landing) -> bool:
        """Whether the table may be kept; if its dump has too many bad lines, the asset runs again and fails."""
        lines = landing.required(dump).lines
        return same(before, code, inputs) and lines - before.rows <= settings.max_bad_share * lines

    @table_asset(contract, {"polars"}, reads=[landed(dump)], keeps=keeps, made_by=[read_dump])
    def body(
        context: dg.AssetExecutionContext, lake: Lake, landing: Landing, settings: Settings, **dumps: Dump
    ) -> Made:
        (source,) = dumps.values()
        rows = Staged(contract.table, staging_folder(lake, contract), IN_MEMORY)
        rejects = Staged(quarantine.table, staging_folder(lake, quarantine), IN_MEMORY, pinned({landed(dump): source}))
        try:
            with (
                reading(source.path) as path,
                writing(f"{rows.prefix}/0.parquet") as rows_to,
                writing(f"{rejects.prefix}/0.parquet") as rejects_to,
            ):
                counts = read_dump(
                    path,
                    contract,
                    rows_to,
                    rejects_to,
                    # If too many lines are bad, the asset fails anyway, so the dump's other lines need not be read.
                    keep_rejects=max(KEEP_REJECTS, int(settings.max_bad_share * source.lines)),
                    ids=(field_ids(lake, contract), field_ids(lake, quarantine)),
                )
        except DumpError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        # Bad lines are published first, so that people can see them even if there are too many and the asset fails.
        table = commit(context, quarantine, rejects, audit(quarantine, rejects))
        lines = table.scan().select("line", "reason", "raw").head(20).collect()
        context.log_event(event(table, {"lines": markdown_table(lines)}))
        _judge(source, contract, counts, settings.max_bad_share, lines)
        if counts.empty_elements:
            context.log.warning(
                "%s: dropped %d empty list elements, such as the second genre of 'Drama,'",
                contract.table,
                counts.empty_elements,
            )
        _require_volume(source, _shorter_of_two(lake, landing, contract, source), contract, settings.max_drop)
        return Made(
            rows,
            metadata={
                "lines": source.lines,
                "quarantined": counts.quarantined,
                "bad share": counts.bad_share,
                "empty list elements": counts.empty_elements,
                "dump bytes": source.bytes,
            },
        )

    return body


def _shorter_of_two(lake: Lake, landing: Landing, contract: type[Contract], dump: Dump) -> Dump | None:
    """Compares the dumps behind the table's current and previous snapshots; returns the shorter one, if any is known.

    A new dump is compared with the shorter of the last two dumps. If a damaged dump had every line twice, the next
    sound dump is half as long, although it lacks nothing. Dumps from another source are ignored: they belong to another
    catalogue, such as a sample of another size.
    """
    found: list[Dump] = []
    history = lake.history(contract.table)
    current = next((number for number, snapshot in enumerate(history) if snapshot.current), -1)
    for snapshot in history[max(0, current - 1) : current + 1]:
        sha256 = snapshot.inputs.get(landed(dump.name))
        before = landing.landed(dump.name, sha256) if sha256 else None
        if before is not None and before.place == dump.place:
            found.append(before)
    return min(found, key=lambda before: before.lines, default=None)


def _require_volume(dump: Dump, before: Dump | None, contract: type[Contract], allowed: float) -> None:
    """Fails the asset if the dump is much shorter than an earlier dump, because a truncated file may be valid gzip."""
    if before is None:
        return
    drop = 1 - dump.lines / max(1, before.lines)
    if drop > allowed:
        raise dg.Failure(
            description=(
                f"{file_name(dump.name)}: has {dump.lines:,} lines, but {contract.table} was made from "
                f"{before.lines:,} lines of {before.origin} ({drop:.2%} fewer; IMDB_MAX_DROP allows {allowed:.2%}). "
                f"{contract.table} is unchanged. Get the dump again; if the source has really removed these lines, run "
                "once with IMDB_MAX_DROP=1."
            ),
            allow_retries=False,
        )


def _judge(dump: Dump, contract: type[Contract], counts: ReadCounts, allowed: float, lines: pl.DataFrame) -> None:
    """Fails the asset if not all lines that landed were read, or if too many lines are bad."""
    name, as_before = file_name(dump.name), f"{contract.table} is unchanged"
    if counts.lines != dump.lines and not counts.too_many:
        raise dg.Failure(
            description=(
                f"{name}: {dump.lines:,} lines landed, but {counts.lines:,} were read ({counts.rows:,} rows, "
                f"{counts.quarantined:,} unreadable). {as_before}. The file changed after it landed, or our "
                f"reader has a bug: materialize {asset_name(landed(dump.name))} again, and report the bug if the "
                "numbers still differ."
            ),
            allow_retries=False,
        )
    if counts.too_many or counts.bad_share > allowed:
        example = lines.row(0, named=True)
        more, which, share = "", "the lines", f"{counts.bad_share:.2%}; "
        if counts.too_many:
            more, which, share = "more than ", f"the first {counts.quarantined:,} lines", ""
        raise dg.Failure(
            description=(
                f"{name}: {more}{counts.quarantined:,} of {dump.lines:,} lines cannot be read "
                f"({share}IMDB_MAX_BAD_SHARE allows {allowed:.2%}). Line {example['line']}: "
                f"{example['reason']}. {as_before}; {which} are in {quarantine_contract(contract).table}."
            ),
            allow_retries=False,
        )
    if counts.rows == 0:
        raise dg.Failure(
            description=f"{name}: has no row that can be read. {as_before}. Get the dump again.",
            allow_retries=False,
        )


def _quarantine_spec(dump: str, contract: type[Contract]) -> dg.AssetSpec:
    quarantine = quarantine_contract(contract)
    return dg.AssetSpec(
        **common(asset_key(quarantine.table)),
        description=f"{description(quarantine)}\n\nWritten by `{contract.table}`.",
        deps=[asset_key(landed(dump))],
        kinds={"iceberg", "parquet"},
        metadata={"dagster/column_schema": column_schema(quarantine)},
    )


bronze_assets = [_bronze_asset(dump, contract) for dump, contract in DUMP_CONTRACTS.items()]
quarantine_specs = [_quarantine_spec(dump, contract) for dump, contract in DUMP_CONTRACTS.items()]
