"""The model store: model versions as folders of plain files, and a pointer to the one in service.

What is inside a version's folder is the business of `ml/artifact.py`.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from imdb_assets.lake.files import read_json, sync_tree, write_json
from imdb_assets.lake.lake import LakeError


@dataclass(frozen=True)
class ModelVersion:
    """One version of the rating model in the store."""

    version: str
    path: str
    """Folder of the artifact's files."""


@dataclass(frozen=True)
class ModelStore:
    """Model versions below folder `root`: `<root>/<version>/`, and `<root>/current.json`."""

    root: Path

    def exists(self) -> bool:
        """Whether a version is in service."""
        return (self.root / "current.json").is_file()

    def current(self) -> ModelVersion:
        """The version in service.

        Raises:
            LakeError: No model has been published yet.
        """
        pointer = read_json(self.root / "current.json")
        if pointer is None:
            raise LakeError(
                f"no rating model below {self.root} yet. Materialize models/rating_model first (`make demo`)."
            )
        return ModelVersion(**pointer)

    def version(self, version: str) -> ModelVersion:
        """Handle of a version, saved or about to be."""
        return ModelVersion(version=version, path=str(self.root / version))

    def publish(self, model: ModelVersion) -> None:
        """Makes the version the one in service."""
        sync_tree(Path(model.path), self.root)
        write_json(self.root / "current.json", asdict(model))
