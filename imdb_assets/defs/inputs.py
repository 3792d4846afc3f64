"""Provides the inputs of assets as handles, and refuses tables that are outdated or come from different sources."""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from imdb_assets.lake.agreement import OutdatedError, outdated, require_agreement
from imdb_assets.lake.dump_file import Dump
from imdb_assets.lake.handles import Handles
from imdb_assets.lake.models import ModelVersion
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.table import Table
from imdb_assets.naming import MODEL, asset_name, dump_of

Handle = Table | ModelVersion | Dump


def resources_for(names: Iterable[str]) -> set[str]:
    """Keys of the Dagster resources that must be used to read the inputs with the given names."""
    return {_resource(name) for name in names}


def handle(resources: Any, name: str) -> Handle:
    """The current table, model or dump that has the given name in the lake.

    Raises:
        LakeError: The table, model or dump does not exist yet.
    """
    holder = getattr(resources, _resource(name))
    dump = dump_of(name)
    if dump is not None:
        return holder.required(dump)
    return holder.current() if name == MODEL else holder.table(name)


def _resource(name: str) -> str:
    if dump_of(name) is not None:
        return "landing"
    return "models" if name == MODEL else "handles"


def pinned(inputs: Mapping[str, Handle]) -> dict[str, str]:
    """Maps each input's name to its version, and the key `PLACE` to the folder or address of the inputs' dumps."""
    places = [_place(one) for one in inputs.values() if _place(one)]
    return {**({PLACE: places[0]} if places else {}), **{name: _version(one) for name, one in inputs.items()}}


def require_usable(asset: str, read: Iterable[Handle], handles: Handles) -> None:
    """Raises an error, before `asset` is made, if its input tables are outdated or come from different sources.

    Raises:
        dg.Failure: Some tables are outdated; the message gives one command that makes first these tables, then the
            asset.
        LakeError: The tables were made from dumps from two different folders or addresses.
    """
    tables = [one for one in read if isinstance(one, Table)]
    try:
        require_agreement(tables)
    except OutdatedError as error:
        again = outdated([table.name for table in tables], handles.find)
        command = f"make materialize ASSETS={','.join(map(asset_name, [*again, asset]))}"
        raise dg.Failure(
            f"{asset}: not made. {error} To make the outdated tables and the asset: {command}", allow_retries=False
        ) from error


def _version(one: Handle) -> str:
    if isinstance(one, Table):
        return str(one.snapshot_id)
    return one.sha256 if isinstance(one, Dump) else one.version


def _place(one: Handle) -> str:
    if isinstance(one, Table):
        return one.provenance.place
    return one.place if isinstance(one, Dump) else ""
