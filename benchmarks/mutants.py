"""Faults put into the product on purpose, to compare what two commits' test suites detect.

    python -m benchmarks.mutants draw --before OLD --after NEW --seed 1 > benchmarks/mutants.json
    python -m benchmarks.mutants put 7 --side after --tree NEW
    python -m benchmarks.mutants take 7 --side after --tree NEW

OLD and NEW are worktrees of the two commits. `draw` lists the places where a fault can be put into both, and draws some
of them. A place lies in a function whose code is equal in both commits, apart from strings, and occurs once in each.
`put` writes one fault into a tree; `take` writes the original text back.
"""

import argparse
import ast
import copy
import json
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("mutants.json")
LAYERS = (
    "dumps",
    "transforms",
    "lake",
    "ml",
    "serving",
    "monitoring",
    "contracts",
    "engines",
    "sources",
    "cli",
    "defs",
)
PER_FILE = 3
FLIPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
WORDS = {"description", "help", "title", "stacklevel", "style", "markup", "highlight", "strict", "doc"}
"""Keyword arguments that only tell something to people or to type checkers, or check what holds anyway."""
UNREAD = re.compile(r"\blog(?:ger)?\.|\bcast\(|warnings\.warn|TYPE_CHECKING")
COMPILED = re.compile(r"njit|jit\b|compiled|overload|abstractmethod")
"""Decorators of functions that numba compiles, or that have no body of their own."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """Where a fault goes in one tree: text of the file from a line (from 1) and a byte of the line on (from 0)."""

    file: str
    line: int
    column: int
    text: str
    replacement: str


def _shape(function: Function) -> str:
    """A function's code without docstring and with all strings empty."""
    plain = copy.deepcopy(function)
    if ast.get_docstring(plain, clean=False) is not None:
        plain.body = plain.body[1:] or [ast.Pass()]
    for node in ast.walk(plain):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.JoinedStr):
            node.values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
    return ast.unparse(plain)


def _functions(tree: Path) -> dict[str, tuple[str, Function, str]]:
    """Shape → file, function and text of each function that occurs once in the tree's product code."""
    found: dict[str, tuple[str, Function, str]] = {}
    times: Counter[str] = Counter()
    for file in sorted((tree / "imdb_assets").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function) and not COMPILED.search(" ".join(map(ast.unparse, node.decorator_list))):
                shape = _shape(node)
                times[shape] += 1
                found[shape] = (str(file.relative_to(tree)), node, text)
    return {shape: function for shape, function in found.items() if times[shape] == 1}


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function's own code, without strings, annotations, inner functions and statements of the log."""
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns", "decorator_list", "args"} or isinstance(node, ast.Call):
            for child in value if isinstance(value, list) else [value]:
                told = isinstance(child, ast.stmt) and not hasattr(child, "body") and UNREAD.search(ast.unparse(child))
                if isinstance(child, ast.AST) and not told and not isinstance(child, (ast.JoinedStr, Function)):
                    yield child
                    yield from _inside(child)


def _faults(node: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:  # noqa: C901, PLR0912 - a table of kinds
    """Kind of fault, the node that is replaced, and what replaces it."""

    def changed(**fields: object) -> ast.AST:
        other = copy.copy(node)
        for name, value in fields.items():
            setattr(other, name, value)
        return other

    match node:
        case ast.Compare(ops=[op]):
            yield "comparison", node, changed(ops=[FLIPPED[type(op)]()])
        case ast.BoolOp(op=op):
            yield "and, or", node, changed(op=FLIPPED[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", node, operand
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub()) as op, right=right):
            if not any(isinstance(side, (ast.JoinedStr, ast.List)) or _is_text(side) for side in (left, right)):
                yield "+, -", node, changed(op=FLIPPED[type(op)]())
        case ast.Constant(value=bool(value)):
            yield "boolean", node, changed(value=not value)
        case ast.Constant(value=int(value)):
            yield "number", node, changed(value=value + 1)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return", node, changed(value=ast.Constant(None))
        case ast.Raise(exc=ast.expr()):
            yield "raise", node, ast.Pass()
        case ast.Call(func=ast.Attribute(attr="filter", value=receiver)):
            yield "filter", node, receiver
        case ast.Call(keywords=keywords):
            for dropped in keywords:
                if dropped.arg and dropped.arg not in WORDS:
                    yield "keyword", node, changed(keywords=[one for one in keywords if one is not dropped])
        case ast.comprehension(ifs=ifs):
            for condition in ifs:
                yield "filter", condition, ast.Constant(True)  # noqa: FBT003
        case _:
            pass


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _place(found: tuple[str, Function, str], node: ast.AST, other: ast.AST) -> Place:
    file, _, text = found
    segment = ast.get_source_segment(text, node) or ""
    replacement = ast.unparse(other)
    if isinstance(node, ast.expr) and not isinstance(other, (ast.Constant, ast.Call)):
        replacement = f"({replacement})"
    return Place(file, node.lineno, node.col_offset, segment, replacement)  # pyright: ignore[reportAttributeAccessIssue]


def sites(before: Path, after: Path) -> Iterator[dict[str, Any]]:
    """All places where a fault can be put into both trees."""
    old, new = _functions(before), _functions(after)
    for shape in sorted(old.keys() & new.keys()):
        layer = Path(new[shape][0]).parts[1]
        was, now = ([fault for node in _inside(tree[shape][1]) for fault in _faults(node)] for tree in (old, new))
        if layer in LAYERS and [kind for kind, *_ in was] == [kind for kind, *_ in now]:
            for (kind, *nodes), (_, *others) in zip(was, now, strict=True):
                places = {"before": _place(old[shape], *nodes), "after": _place(new[shape], *others)}
                yield {"layer": layer, "function": new[shape][1].name, "kind": kind, **places}


def draw(every: list[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    """Layer by layer in turn: first a kind of fault at random, then a place of this kind."""
    random_ = random.Random(seed)
    drawn: list[dict[str, Any]] = []
    left = list(every)
    while left and len(drawn) < count:
        for layer in LAYERS:
            kinds = sorted({site["kind"] for site in left if site["layer"] == layer})
            if kinds and len(drawn) < count:
                kind = random_.choice(kinds)
                site = random_.choice([one for one in left if (one["layer"], one["kind"]) == (layer, kind)])
                drawn.append({"number": len(drawn) + 1, **site})
                files = Counter(one["after"].file for one in drawn)
                full = {file for file, times in files.items() if times >= PER_FILE}
                same = {(one["after"].file, one["function"]) for one in drawn}
                left = [
                    one
                    for one in left
                    if one["after"].file not in full and (one["after"].file, one["function"]) not in same
                ]
    return drawn


def put(place: Place, tree: Path, *, back: bool = False) -> None:
    """Writes the fault into the tree, or the original text back."""
    old, new = (place.replacement, place.text) if back else (place.text, place.replacement)
    file = tree / place.file
    lines = file.read_bytes().splitlines(keepends=True)
    at = sum(map(len, lines[: place.line - 1])) + place.column
    code = b"".join(lines)
    if not code.startswith(old.encode(), at):
        raise SystemExit(f"{place.file}:{place.line} does not contain `{old}`: is this the listed commit?")
    file.write_bytes(code[:at] + new.encode() + code[at + len(old.encode()) :])
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()  # its size and second of change may be the same


def _commit(tree: Path) -> str:
    return subprocess.check_output(["git", "rev-parse", "--short=8", "HEAD"], cwd=tree, text=True).strip()  # noqa: S607


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw", help="print a list of faults, drawn by a seed")
    drawing.add_argument("--before", type=Path, required=True, help="worktree of the earlier commit")
    drawing.add_argument("--after", type=Path, required=True, help="worktree of the later commit")
    drawing.add_argument("--count", type=int, default=48)
    drawing.add_argument("--seed", type=int, default=1)
    for name, told in (("put", "put a fault of the list into a tree"), ("take", "take it out again")):
        command = commands.add_parser(name, help=told)
        command.add_argument("number", type=int, help="number of the fault in benchmarks/mutants.json")
        command.add_argument("--side", choices=("before", "after"), required=True, help="which commit the tree is of")
        command.add_argument("--tree", type=Path, required=True, help="worktree to change")
    asked = parser.parse_args()
    if asked.command == "draw":
        drawn = draw(list(sites(asked.before, asked.after)), asked.count, asked.seed)
        listed = {side: _commit(tree) for side, tree in (("before", asked.before), ("after", asked.after))}
        listed |= {"seed": asked.seed, "faults": drawn}
        print(json.dumps(listed, indent=1, ensure_ascii=False, default=asdict))  # noqa: T201
    else:
        listed = {one["number"]: one for one in json.loads(LIST.read_text(encoding="utf-8"))["faults"]}
        put(Place(**listed[asked.number][asked.side]), asked.tree, back=asked.command == "take")


if __name__ == "__main__":
    main()
