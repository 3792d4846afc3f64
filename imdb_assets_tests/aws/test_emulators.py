"""An emulator ends with its process group."""

import subprocess
from pathlib import Path

import httpx
import pytest

from imdb_assets_tests.aws import emulators


def test_an_emulator_ends_with_all_that_it_started(tmp_path: Path) -> None:
    if reason := emulators.missing():
        pytest.skip(reason)
    with emulators.ministack(tmp_path) as emulator:
        assert httpx.get(f"{emulator.url}/_ministack/health").is_success
    port = emulator.url.rpartition(":")[2]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed
