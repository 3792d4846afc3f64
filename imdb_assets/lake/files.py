"""Small durable files, and durability of what others wrote: nothing may point at bytes that a power cut can take.

JSON is replaced whole or not at all: pointers of the landing zone and the model store.
"""

import json
import os
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Replaces `path` atomically: a reader sees the old or the new text, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as out:
        json.dump(value, out, indent=2, sort_keys=True)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync(path.parent)


def read_json(path: Path) -> Any | None:
    """The value in `path`; None if there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def sync(path: Path) -> None:
    """Brings a file's content, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path, root: Path) -> None:
    """Brings all files below `folder` to the disk, and the way from `root` down to them."""
    for path in folder.rglob("*"):
        sync(path)
    for path in [folder, *folder.parents]:
        sync(path)
        if path == root:
            break
