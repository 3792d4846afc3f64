"""Whether tables belong together: they do if each was made from just those snapshots of the others that are read."""

from collections.abc import Callable, Collection, Iterable

from imdb_assets.lake.errors import LakeError
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.table import Table


class OutdatedError(LakeError):
    """A table was made from another snapshot of one that is read beside it: joined, they would be wrong in silence."""


def require_agreement(tables: Collection[Table]) -> None:
    """Refuses inputs that do not belong together. It asks their handles only.

    Raises:
        OutdatedError: One was made from another snapshot of another one; names both.
        LakeError: They are of two places, in which the same id means another title or person.
    """
    places = {table.provenance.place: table.name for table in tables if table.provenance.place}
    if len(places) > 1:
        raise LakeError(
            f"{' and '.join(f'{name} is of {place}' for place, name in sorted(places.items()))}: rows of the two "
            "do not belong together. A run that landed all dumps of another place did not end: run it once more."
        )
    read = {table.name: str(table.snapshot_id) for table in tables}
    for table in tables:
        for name, snapshot_id in table.inputs.items():
            if read.get(name, snapshot_id) != snapshot_id:
                raise OutdatedError(
                    f"{table.name} was made from snapshot {snapshot_id} of {name}, which has been published anew or "
                    f"rolled back (now {read[name]}): the two do not belong together."
                )


def outdated(names: Iterable[str], look_up: Callable[[str], Table | None]) -> list[str]:
    """Which of these tables, and of those that they were made from, have to be made again.

    Args:
        names: Tables.
        look_up: Finds a table as it is now; None for what is no table.

    Returns:
        Their names, each after those that it is made from.
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
