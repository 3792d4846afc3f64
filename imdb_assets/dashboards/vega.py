"""The script that draws charts in a browser; it consists of vl-convert's copies of Vega, Vega-Lite and Vega-Embed.

A short-lived process bundles the script once, because the JavaScript engine that bundles the script would stay in the
server's memory.
"""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from imdb_assets.lake.files import write_bytes

_MAKE = "import sys, vl_convert; sys.stdout.write(vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;'))"


def script(folder: Path) -> bytes:
    """Returns the script from the folder that keeps it, and makes the script first if the folder does not have it."""
    file = folder / f"vega-of-vl-convert-{version('vl-convert-python')}.js"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([sys.executable, "-c", _MAKE], capture_output=True, check=True)  # noqa: S603 - our own code
        write_bytes(file, done.stdout)
    return file.read_bytes()
