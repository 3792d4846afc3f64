"""Environments of packages that cannot live beside ours, made once and kept for later test runs."""

import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(tempfile.gettempdir()) / "imdb-assets-readers"


def environment(name: str, *packages: str) -> Path:
    """The Python of an environment with these packages."""
    folder = HOME / "-".join([name, *packages]).replace("==", "-")
    uv, python = Path(sys.executable).with_name("uv"), folder / "bin" / "python"
    if not (folder / "whole").exists():
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, *packages], check=True)
        (folder / "whole").touch()
    return python
