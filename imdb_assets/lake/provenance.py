"""How a snapshot came to be: the properties that every publish writes and nobody changes later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

RUN_ID = "imdb.run-id"
CODE_VERSION = "imdb.code-version"
ENGINE = "imdb.engine"
INPUTS = "imdb.inputs"

PLACE = "place"
"""Key among the inputs: where the dumps behind the rows came from (`Dump.place`)."""


@dataclass(frozen=True)
class Provenance:
    """The origin of a snapshot; facts that were not recorded are empty texts."""

    run_id: str = ""
    code_version: str = ""
    engine: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """The inputs, by name in the lake: a table's snapshot, a dump's SHA-256, a model version; and `PLACE`."""

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Provenance":
        """Reads a snapshot's properties and ignores any others."""
        return cls(
            run_id=properties.get(RUN_ID, ""),
            code_version=properties.get(CODE_VERSION, ""),
            engine=properties.get(ENGINE, ""),
            inputs=json.loads(properties.get(INPUTS, "{}")),
        )

    @property
    def properties(self) -> dict[str, str]:
        """The snapshot properties to store."""
        texts = {RUN_ID: self.run_id, CODE_VERSION: self.code_version, ENGINE: self.engine}
        said = {name: text for name, text in texts.items() if text}
        return {**said, INPUTS: json.dumps(dict(self.inputs), sort_keys=True)}

    @property
    def place(self) -> str:
        """Where the dumps behind the rows came from."""
        return self.inputs.get(PLACE, "")
