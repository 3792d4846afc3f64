"""Identifies the code that a process runs, to find servers that still run old code after an edit or upgrade."""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
KINDS = ("py", "sql", "html", "css", "js")


def fingerprint(package: Path = PACKAGE) -> str:
    """A hash of the package's Python files, SQL files and server pages as they are on disk now."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(file for kind in KINDS for file in package.rglob(f"*.{kind}")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(package).as_posix()}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
