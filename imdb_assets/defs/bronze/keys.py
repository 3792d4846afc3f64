"""Checks the keys of dumps, because IMDb guarantees neither that keys are unique nor that ids are known.

The checks judge the shares of repeated rows and of dangling ids (ids that another dump should have, but lacks). A
few repeated rows and dangling ids are normal, since the seven files are not made at the same moment. Many repeated rows
or dangling ids mean a damaged file, or a file from another catalogue. The checks block nothing, because silver drops
repeated rows and tolerates dangling ids. For example, silver can use a credit whose person is not in name.basics:
silver needs only the person's id.
"""

import dagster as dg

from imdb_assets.contracts.base import Contract, references
from imdb_assets.contracts.bronze import DUMP_CONTRACTS
from imdb_assets.defs.bronze.ids import IdSet, count_repeated, neighbours
from imdb_assets.defs.checks import table_check
from imdb_assets.lake.table import Table
from imdb_assets.naming import parameter

MAY_REPEAT, MAY_DANGLE = 0.001, 0.01
"""Shares of repeated rows and of dangling ids above which a check warns: ten times the shares in IMDb's files."""

FAR_ABOVE = 20
"""A check reports an error instead of a warning if a share is more than `FAR_ABOVE` times the allowed share."""


def _keys_are_unique(contract: type[Contract]) -> dg.AssetChecksDefinition:
    name = parameter(contract.table)

    def keys_are_unique(**tables: Table) -> dg.AssetCheckResult:
        """Hardly any two rows have the same key.

        If the rows are sorted by key, as in IMDb's files, rows with the same key are neighbours. If the rows are not
        sorted, as in a file that was concatenated with itself, every key is compared with all others.
        """
        table = tables[name]
        key = list(contract.identity)
        repeated, disordered = neighbours(table.scan(), key)
        if disordered:
            repeated = count_repeated(table.scan(), key, table.rows)
        words = f"{repeated:,} of {table.rows:,} rows have the same {' and '.join(key)} as an earlier row"
        return _judged(
            repeated / max(1, table.rows),
            MAY_REPEAT,
            words,
            {"repeated keys": repeated, "rows out of order": disordered},
        )

    return table_check(keys_are_unique, asset=contract.table, reads=[contract.table])


def _ids_are_known(contract: type[Contract]) -> dg.AssetChecksDefinition:
    name = parameter(contract.table)
    targets = references(contract)

    def ids_are_known(**tables: Table) -> dg.AssetCheckResult:
        """Nearly every id refers to a title or person that has a row of its own."""
        shares: dict[str, float] = {}
        counts: dict[str, int] = {}
        known = {
            (target, ids): IdSet.of(tables[parameter(target)].scan().select(ids))
            for target, ids in set(targets.values())
        }
        for column, (target, ids) in targets.items():
            total, lost, distinct = known[target, ids].count_lost(tables[name].scan().select(column))
            shares[column] = lost / max(1, total)
            counts |= {f"{column}: not in {target}": lost, f"{column}: distinct": distinct}
        worst = max(shares, key=lambda column: shares[column])
        words = f"{shares[worst]:.3%} of {worst} are not in {targets[worst][0]}"
        return _judged(shares[worst], MAY_DANGLE, words, counts)

    reads = [contract.table, *dict.fromkeys(target for target, _ in targets.values())]
    return table_check(ids_are_known, asset=contract.table, reads=reads)


def _judged(share: float, allowed: float, words: str, counts: dict[str, int]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=share <= allowed,
        severity=dg.AssetCheckSeverity.ERROR if share > FAR_ABOVE * allowed else dg.AssetCheckSeverity.WARN,
        description=f"{words}; up to {allowed:.1%} is normal.",
        metadata={name: dg.MetadataValue.int(count) for name, count in counts.items()},
    )


unique_keys = [_keys_are_unique(contract) for contract in DUMP_CONTRACTS.values()]
known_ids = [_ids_are_known(contract) for contract in DUMP_CONTRACTS.values() if references(contract)]
