"""Each publish records its snapshot's origin. This module declares the record and names its Iceberg properties."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "imdb."
RUN_ID = f"{PREFIX}run-id"
CODE_VERSION = f"{PREFIX}code-version"
ENGINE = f"{PREFIX}engine"
INPUTS = f"{PREFIX}inputs"
HASHES = f"{PREFIX}sha256"
"""Property of a snapshot, as JSON: maps each file's path below the table's `data` folder to the file's SHA-256."""
ROLLBACKS = f"{PREFIX}rollbacks"
"""Property of a table: its latest rollbacks, as JSON. Snapshots never change, so a snapshot cannot record rollbacks."""

PLACE = "place"
"""Key in `Provenance.inputs` for the folder or address that the rows' dumps came from (`Dump.place`)."""


@dataclass(frozen=True)
class Provenance:
    """The recorded origin of a snapshot; facts that were not recorded are empty texts."""

    run_id: str = ""
    code_version: str = ""
    engine: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Maps each input's name in the lake to the input's version, which is a table's snapshot id, a dump's SHA-256 or a
    model version. Maps `PLACE` to the folder or address of the dumps."""

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Provenance":
        """Reads the provenance from a snapshot's properties, and ignores other properties."""
        return cls(
            run_id=properties.get(RUN_ID, ""),
            code_version=properties.get(CODE_VERSION, ""),
            engine=properties.get(ENGINE, ""),
            inputs=json.loads(properties.get(INPUTS, "{}")),
        )

    @property
    def properties(self) -> dict[str, str]:
        """The provenance as properties of a snapshot."""
        texts = {RUN_ID: self.run_id, CODE_VERSION: self.code_version, ENGINE: self.engine}
        said = {name: text for name, text in texts.items() if text}
        return {**said, INPUTS: json.dumps(dict(self.inputs), sort_keys=True)}

    @property
    def place(self) -> str:
        """The folder or address that the rows' dumps came from; empty if not recorded."""
        return self.inputs.get(PLACE, "")
