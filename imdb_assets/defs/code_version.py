"""Which code a result is made of. A code version changes with what can change a table's rows, and with nothing else.

What counts: the functions named here, every function, class and constant of ours that these use, and what those use.
What an engine does to values is `engines/base.py:conform`. Which engine it is does not count: all give equal rows.

What does not count: docstrings, comments and the words of errors; a contract's descriptions, and what is shown beside a
table; and packages that bring results about and do not make them (`MAKES_NO_ROWS`): where dumps and tables are, how AWS
is asked, what is logged and drawn.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from imdb_assets.settings import PROJECT_ROOT

MAKES_NO_ROWS = ("aws", "cli", "defs", "engines", "lake", "ml.charts", "naming", "settings", "sources", "wiring")
_PROSE = {"metadata"}
"""Arguments of calls that are for people; in contracts their `description` besides."""


class _Name(NamedTuple):
    """Something that a module of ours defines."""

    module: str
    name: str


class _Module(NamedTuple):
    """What a module defines and what it imports, by the name it has there."""

    definitions: dict[str, list[ast.stmt]]
    imports: dict[str, _Name]
    """Of a module that is imported as a whole, its own name and no other."""


def code_version(*parts: Callable[..., Any] | type) -> str:
    """A hash of the code that these functions and classes are made of, by the rule above.

    Args:
        parts: What makes the result. What they use of their own packages counts, whichever these are.
    """
    own = {part.__module__.rpartition(".")[0] for part in parts}
    waiting = [_Name(part.__module__, part.__qualname__.partition(".")[0]) for part in parts]
    found: dict[_Name, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and (name.module.rpartition(".")[0] in own or _makes_rows(name.module)):
            nodes = _read(name.module).definitions.get(name.name, [])
            found[name] = "\n".join(ast.unparse(node) for node in nodes)
            waiting.extend(used for node in nodes for used in _used(_read(name.module), name.module, node))
    return hashlib.sha256("\n".join(found[name] for name in sorted(found)).encode()).hexdigest()[:12]


def _makes_rows(module: str) -> bool:
    within = module.removeprefix("imdb_assets.")
    return within != module and not any(within == one or within.startswith(f"{one}.") for one in MAKES_NO_ROWS)


def _used(module: _Module, name: str, node: ast.stmt) -> Iterator[_Name]:
    """What a definition of a module refers to."""
    parameters = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    for part in ast.walk(node):
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
    """A module taken apart; of another's, nothing."""
    file = source_file(module)
    if file is None:
        return _Module({}, {})
    tree = _without_prose(ast.parse(source(file)), is_contract=module.startswith("imdb_assets.contracts."))
    definitions: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _defined(node):
            definitions.setdefault(name, []).append(node)
    imports = {
        alias.asname or alias.name: _imported(f"{node.module}", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return _Module(definitions, imports)


def _imported(package: str, name: str) -> _Name:
    """A module, or something that one defines."""
    return _Name(f"{package}.{name}", "") if source_file(f"{package}.{name}") else _Name(package, name)


def _defined(node: ast.stmt) -> list[str]:
    """Names that a statement of a module gives to something."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return []


def _without_prose(tree: ast.Module, *, is_contract: bool) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            kept = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
        elif isinstance(node, ast.Call):
            prose = _PROSE | {"description"} if is_contract else _PROSE
            node.keywords = [one for one in node.keywords if one.arg not in prose]
        elif isinstance(node, ast.Raise):
            node.exc = node.cause = None
    return tree


def source(file: Path) -> bytes:
    """A file's text."""
    return file.read_bytes()


def source_file(module: str) -> Path | None:
    """The file of one of our modules; None for a package or another's module."""
    file = PROJECT_ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file if module.startswith("imdb_assets.") and file.is_file() else None
