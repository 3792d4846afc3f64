"""Code versions: hashes of the code behind results. A hash changes only if code changes that can affect rows.

The hash covers the functions and classes that `code_version` is given, and every function, class and constant of this
project that they use, directly or indirectly. From the package `engines`, the hash covers only `base.py:conform`, which
casts values. The choice of the engine does not affect the hash, because all engines give equal rows.

The hash does not cover docstrings, comments, error messages, the descriptions in contracts, or metadata shown beside a
table. The hash does not cover packages that make no rows (`MAKES_NO_ROWS`), such as those for the storage of tables,
for access to AWS and for Dagster.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from imdb_assets.settings import PROJECT_ROOT

MAKES_NO_ROWS = ("aws", "cli", "defs", "engines", "lake", "naming", "settings", "sources", "wiring")
_PROSE = {"metadata"}
"""Names of call arguments whose values are text for people. In contracts, the argument `description` is also text for
people."""


class _Name(NamedTuple):
    """A definition in one of our modules."""

    module: str
    name: str


class _Module(NamedTuple):
    """A module's definitions and imports, by their names in the module."""

    definitions: dict[str, list[ast.stmt]]
    imports: dict[str, _Name]
    """Maps each local name to its origin; the origin's `name` is empty for a module that is imported as a whole."""


def code_version(*parts: Callable[..., Any] | type) -> str:
    """A hash of the code of the given functions and classes; the docstring of this module says what is hashed.

    Args:
        parts: The functions and classes that make the result. If a function uses code of its own package, this code is
            hashed, even if `MAKES_NO_ROWS` lists the package.
    """
    own = {part.__module__.rpartition(".")[0] for part in parts}
    waiting = [_Name(part.__module__, part.__qualname__.partition(".")[0]) for part in parts]
    found: dict[_Name, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and (name.module.rpartition(".")[0] in own or _makes_rows(name.module)):
            found[name], used = _defined_as(name)
            waiting.extend(used)
    return hashlib.sha256("\n".join(found[name] for name in sorted(found)).encode()).hexdigest()[:12]


@cache
def _defined_as(name: _Name) -> tuple[str, frozenset[_Name]]:
    """Returns a definition's source code, and the names of the definitions that this code refers to."""
    module = _read(name.module)
    nodes = module.definitions.get(name.name, [])
    code = "\n".join(ast.unparse(node) for node in nodes)
    return code, frozenset(used for node in nodes for used in _used(module, name.module, node))


def _makes_rows(module: str) -> bool:
    within = module.removeprefix("imdb_assets.")
    return within != module and not any(within == one or within.startswith(f"{one}.") for one in MAKES_NO_ROWS)


def _used(module: _Module, name: str, node: ast.stmt) -> Iterator[_Name]:
    """Yields each definition that the given definition refers to."""
    parts = list(ast.walk(node))
    parameters = {part.arg for part in parts if isinstance(part, ast.arg)}
    for part in parts:
        if isinstance(part, ast.Name) and part.id not in parameters:
            if part.id in module.definitions:
                yield _Name(name, part.id)
            elif part.id in module.imports:
                yield module.imports[part.id]
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in module.imports:
            target = module.imports[part.value.id]
            if not target.name:
                yield _Name(target.module, part.attr)


@cache
def _read(module: str) -> _Module:
    """A module's definitions and imports; a module that is not ours is read as an empty module."""
    file = source_file(module)
    if file is None:
        return _Module({}, {})
    tree = ast.parse(source(file))
    nodes = list(ast.walk(tree))
    _remove_prose(nodes, is_contract=module.startswith("imdb_assets.contracts."))
    definitions: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _defined(node):
            definitions.setdefault(name, []).append(node)
    imports = {
        alias.asname or alias.name: _imported(f"{node.module}", alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return _Module(definitions, imports)


def _imported(package: str, name: str) -> _Name:
    """An imported module, or a definition imported from a module."""
    return _Name(f"{package}.{name}", "") if source_file(f"{package}.{name}") else _Name(package, name)


def _defined(node: ast.stmt) -> list[str]:
    """The names that a module-level statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return []


def _remove_prose(nodes: Iterable[ast.AST], *, is_contract: bool) -> None:
    """Removes docstrings and other text for people from a module's nodes, in place."""
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            kept = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
        elif isinstance(node, ast.Call):
            prose = _PROSE | {"description"} if is_contract else _PROSE
            node.keywords = [one for one in node.keywords if one.arg not in prose]
        elif isinstance(node, ast.Raise):
            node.exc = node.cause = None


def source(file: Path) -> bytes:
    """The content of a source file."""
    return file.read_bytes()


def source_file(module: str) -> Path | None:
    """The file of one of our modules; None for packages and for modules that are not ours."""
    file = PROJECT_ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file if module.startswith("imdb_assets.") and file.is_file() else None
