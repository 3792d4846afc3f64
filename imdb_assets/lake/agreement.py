"""Checks that tables belong together: each table must have been made from the input snapshots that are read now."""

from collections.abc import Callable, Collection, Iterable

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.table import Table


class OutdatedError(LakeError):
    """A table was not made from the snapshot of its input that is read now, so table and input cannot be joined."""


def require_agreement(tables: Collection[Table]) -> None:
    """Raises an error if tables do not belong together; compares the recorded inputs of the tables, not the rows.

    Raises:
        OutdatedError: Table A was made from one snapshot of table B, but `tables` has another snapshot of B. The
            message names both tables.
        LakeError: The tables were made from the dumps of two sources, in which the same id may mean different titles.
    """
    places = {table.provenance.place: table.name for table in tables if table.provenance.place}
    if len(places) > 1:
        raise LakeError(
            f"{' and '.join(f'{name} comes from {place}' for place, name in sorted(places.items()))}. The same id can "
            "mean different titles in two sources, so tables from two sources cannot be joined. A run that was "
            "switching the lake to another source did not finish: start that run again."
        )
    read = {table.name: str(table.snapshot_id) for table in tables}
    for table in tables:
        for name, snapshot_id in table.inputs.items():
            if read.get(name, snapshot_id) != snapshot_id:
                raise OutdatedError(
                    f"{table.name} was made from snapshot {snapshot_id} of {name}, but {name} is now at snapshot "
                    f"{read[name]} (published or rolled back since), so the two tables do not belong together."
                )


def outdated(names: Iterable[str], look_up: Callable[[str], Table | None]) -> list[str]:
    """Finds the outdated tables among `names` and among their direct and indirect inputs.

    Each table is listed after its inputs.
    """
    found: dict[str, bool] = {}

    def visit(name: str) -> bool:
        if name in found:
            return found[name]
        found[name] = False
        table = look_up(name)
        if table is not None:
            for source, snapshot_id in table.inputs.items():
                older = source != PLACE and visit(source)
                now = look_up(source) if source != PLACE else None
                found[name] |= older or (now is not None and str(now.snapshot_id) != snapshot_id)
            if found[name]:
                order.append(name)
        return found[name]

    order: list[str] = []
    for name in names:
        visit(name)
    return order
