"""The tree that `imdb lineage` draws: from a prediction or a model version to the dumps, snapshot by snapshot.

Every snapshot records the names of its inputs, and this module only follows these names. If a snapshot appears twice in
the tree, its inputs are shown only once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from rich.markup import escape
from rich.tree import Tree

from imdb_assets.lake.lake import Lake, LakeError
from imdb_assets.lake.landing import Landing
from imdb_assets.lake.models import ModelStore
from imdb_assets.lake.provenance import PLACE
from imdb_assets.lake.table import Snapshot
from imdb_assets.ml import artifact
from imdb_assets.naming import MODEL, dump_of


@dataclass
class Ancestry:
    """Builds the tree from the records of one deployment."""

    lake: Lake
    store: ModelStore
    landing: Landing
    _histories: dict[str, dict[str, Snapshot]] = field(default_factory=dict[str, dict[str, Snapshot]])
    _walked: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def of_film(self, tconst: str) -> Tree:
        """The stored predictions of a film, and their inputs.

        Raises:
            LakeError: There are no predictions yet, or none for this film.
        """
        table = self.lake.table("models.predictions")
        rows = table.scan().filter(pl.col("tconst") == tconst).collect()
        if rows.is_empty():
            raise LakeError(
                f"{tconst}: has no stored prediction; `imdb predict {tconst}` says whether the lake has this film."
            )
        tree = Tree(f"[bold]{tconst}[/]")
        for row in rows.iter_rows(named=True):
            actual = "unrated" if row["actual"] is None else f"rated {row['actual']:.1f}"
            tree.add(f"{row['regime']}, {row['split']}: predicted [bold]{row['predicted']:.2f}[/], {actual}")
        self._add(tree, table.name, str(table.snapshot_id))
        return tree

    def of_model(self, version: str) -> Tree:
        """A model version and its training data.

        Raises:
            LakeError: There is no such version.
        """
        self.store.known(version)
        tree = Tree(f"[bold]{escape(version)}[/]", hide_root=True)
        self._add(tree, MODEL, version)
        return tree

    def _add(self, tree: Tree, name: str, version: str) -> None:
        """Adds one version of a table, model or dump to the tree, with its inputs below it."""
        words, inputs = self._look_up(name, version)
        seen = bool(inputs) and (name, version) in self._walked
        branch = tree.add(f"{words} [dim](above)[/]" if seen else words)
        if not seen:
            self._walked.add((name, version))
            for source, of_source in sorted(inputs.items()):
                if source != PLACE:  # the tree shows beside each dump where the dump came from
                    self._add(branch, source, of_source)

    def _look_up(self, name: str, version: str) -> tuple[str, Mapping[str, str]]:
        """The version's label in the tree, and a dict from each input's name to the input's version."""
        if dump := dump_of(name):
            return self._dump(dump, version), {}
        if name == MODEL:
            return self._model(version)
        if name not in self._histories:
            self._histories[name] = {str(one.snapshot_id): one for one in self.lake.history(name)}
        snapshot = self._histories[name].get(version)
        if snapshot is None:
            return f"{name} [dim]snapshot {version}: has expired[/]", {}
        words = f"{name} [dim]snapshot {version}, {snapshot.rows:,} rows, {snapshot.published_at}"
        code = snapshot.provenance.code_version or "unknown"
        return f"{words}, code {escape(code)}[/]", snapshot.inputs

    def _model(self, version: str) -> tuple[str, dict[str, str]]:
        folder = Path(self.store.version(version).path)
        if not folder.is_dir():
            return f"model {escape(version)} [dim]has been removed[/]", {}
        record = artifact.read_record(folder)
        champions = ", ".join(f"{regime} {part.iteration}" for regime, part in record.regimes.items())
        words = (
            f"model [bold]{version}[/] [dim]{self.store.status(version)}; {champions}; code {record.code_version}[/]"
        )
        return words, {name: str(snapshot) for name, snapshot in record.created_from.items()}

    def _dump(self, name: str, sha256: str) -> str:
        dump = self.landing.landed(name, sha256)
        if dump is None:
            return f"{name}.tsv.gz [dim]sha256 {sha256[:16]}…: has been removed[/]"
        etag = f"ETag {escape(dump.etag)}" if dump.etag else f"no ETag, sha256 {sha256[:16]}…"
        return f"{name}.tsv.gz [bold]{etag}[/] [dim]of {dump.last_modified}, from {escape(dump.origin)}[/]"
