"""The pinned packages: each has hashes, none an address, and whatever installs them demands the hashes."""

import re
from pathlib import Path

import pytest

from imdb_assets.settings import PROJECT_ROOT

FILES = sorted((PROJECT_ROOT / "requirements").glob("*.txt"))
HASHED = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[\w.!+-]+)(?: ; [^\\\n]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_package_is_pinned_with_its_hashes_and_without_an_address(file: Path) -> None:
    assert HASHED.sub("", file.read_text(encoding="utf-8")) == ""


def test_whatever_installs_pins_demands_hashes() -> None:
    image = PROJECT_ROOT / "imdb_assets" / "aws" / "deploy" / "image" / "Dockerfile"
    for file in (PROJECT_ROOT / "Makefile", image):
        text = file.read_text(encoding="utf-8").replace("$(PINNED)", "pip install --require-hashes")
        installs = [line for line in text.splitlines() if re.search(r" -r \S*\.txt", line)]
        assert len(installs) >= 2
        assert [line for line in installs if "--require-hashes" not in line] == []
