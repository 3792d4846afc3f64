"""Faults put into the product on purpose, to compare what the test suites of two commits detect.

    python -m benchmarks.mutants draw --before OLD --after NEW --seed 1 > list.json
    python -m benchmarks.mutants run --side after --tree NEW

OLD and NEW are worktrees of the two commits, each with its own .venv (`make .venv/bin/.dev`). `draw` prints a list of
faults. Each fault is in a function that occurs once in each commit, with equal code apart from strings, so that it can
be put into both. `run` puts one fault of benchmarks/mutants.json after the other into a worktree, runs the test that
detected the fault when the list was made, and takes the fault out again. The test must pass before that.
"""

import argparse
import ast
import copy
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeGuard

LIST = Path(__file__).with_name("mutants.json")
LAYERS = [
    *("dumps", "transforms", "lake", "ml", "serving", "monitoring", "contracts", "engines", "sources", "cli", "defs")
]
PER_FILE = 3
TIMEOUT = 600
"""Seconds. A test that takes longer counts as failed."""
PAIRS: list[tuple[type[ast.AST], type[ast.AST]]] = [
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub)),
]
FLIPPED = dict(PAIRS) | {other: one for one, other in PAIRS}
WORDS = {"description", "help", "title", "stacklevel", "style", "markup", "highlight", "strict", "doc"}
"""Keyword arguments that only tell something to people or to type checkers, or check what holds anyway."""
UNREAD = re.compile(r"\blog(?:ger)?\.|\bcast\(|warnings\.warn|TYPE_CHECKING")
COMPILED = re.compile(r"njit|jit\b|compiled|overload|abstractmethod")
"""Decorators of functions that numba compiles, or that have no body of their own."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Found = tuple[str, Function, str]
"""A function with its file and the file's text."""


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
        if _is_text(node):
            node.value = ""
        if isinstance(node, ast.JoinedStr):
            node.values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
    return ast.unparse(plain)


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _functions(tree: Path) -> dict[str, Found]:
    """The functions that occur once in the tree's product code, by their shape."""
    found: dict[str, list[Found]] = {}
    for file in sorted((tree / "imdb_assets").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function) and not COMPILED.search(" ".join(map(ast.unparse, node.decorator_list))):
                found.setdefault(_shape(node), []).append((str(file.relative_to(tree)), node, text))
    return {shape: functions[0] for shape, functions in found.items() if len(functions) == 1}


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

    def changed(name: str, value: object) -> ast.AST:
        other = copy.copy(node)
        setattr(other, name, value)
        return other

    match node:
        case ast.Compare(ops=[op]):
            yield "comparison", node, changed("ops", [FLIPPED[type(op)]()])
        case ast.BoolOp(op=op):
            yield "and, or", node, changed("op", FLIPPED[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", node, operand
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub()) as op, right=right) if not any(
            isinstance(side, (ast.JoinedStr, ast.List)) or _is_text(side) for side in (left, right)
        ):
            yield "+, -", node, changed("op", FLIPPED[type(op)]())
        case ast.Constant(value=bool(value)):
            yield "boolean", node, changed("value", not value)
        case ast.Constant(value=int(value)):
            yield "number", node, changed("value", value + 1)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return", node, changed("value", ast.Constant(None))
        case ast.Raise(exc=ast.expr()):
            yield "raise", node, ast.Pass()
        case ast.Call(func=ast.Attribute(attr="filter", value=receiver)):
            yield "filter", node, receiver
        case ast.Call(keywords=keywords):
            for dropped in keywords:
                if dropped.arg and dropped.arg not in WORDS:
                    yield "keyword", node, changed("keywords", [one for one in keywords if one is not dropped])
        case ast.comprehension(ifs=ifs):
            yield from (("filter", condition, ast.Constant(value=True)) for condition in ifs)
        case _:
            pass


def _place(found: Found, node: ast.AST, other: ast.AST) -> Place:
    file, _, text = found
    replacement = ast.unparse(other)
    if isinstance(node, ast.expr) and not isinstance(other, (ast.Constant, ast.Call)):
        replacement = f"({replacement})"
    segment = ast.get_source_segment(text, node) or ""
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


def draw(left: list[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    """Layer by layer in turn: first a kind of fault at random, then a place of this kind."""
    random_ = random.Random(seed)
    drawn: list[dict[str, Any]] = []
    while left and len(drawn) < count:
        for layer in LAYERS:
            kinds = sorted({site["kind"] for site in left if site["layer"] == layer})
            if kinds and len(drawn) < count:
                kind = random_.choice(kinds)
                site = random_.choice([one for one in left if (one["layer"], one["kind"]) == (layer, kind)])
                drawn.append({"number": len(drawn) + 1, **site})
                files = Counter(one["after"].file for one in drawn)
                used = {(one["after"].file, one["function"]) for one in drawn}
                left = [one for one in left if files[one["after"].file] < PER_FILE]
                left = [one for one in left if (one["after"].file, one["function"]) not in used]
    return drawn


def put(place: Place, tree: Path, *, back: bool = False) -> None:
    """Writes the fault into the tree, or the original text back."""
    old, new = (place.replacement, place.text) if back else (place.text, place.replacement)
    file = tree / place.file
    code = file.read_bytes()
    at = sum(map(len, code.splitlines(keepends=True)[: place.line - 1])) + place.column
    if not code.startswith(old.encode(), at):
        raise SystemExit(f"{place.file}:{place.line} does not contain `{old}`: is this the listed commit?")
    file.write_bytes(code[:at] + new.encode() + code[at + len(old.encode()) :])
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()  # Python would use it if size and second of change are equal


def detected(place: Place, tree: Path, test: str) -> bool:
    """Whether a test that passes fails, or does not end, while the fault is in the tree."""
    if not _passes(test, tree):
        raise SystemExit(f"{test} does not pass without the fault")
    put(place, tree)
    try:
        return not _passes(test, tree)
    finally:
        put(place, tree, back=True)


def _passes(test: str, tree: Path) -> bool:
    command = [tree / ".venv/bin/pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    try:
        done = subprocess.run(command, cwd=tree, timeout=TIMEOUT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _git(*arguments: str, tree: Path) -> str:
    return subprocess.check_output(["git", *arguments], cwd=tree, text=True).strip()  # noqa: S603, S607


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw", help="print a list of faults, drawn by a seed")
    drawing.add_argument("--before", type=Path, required=True, help="worktree of the earlier commit")
    drawing.add_argument("--after", type=Path, required=True, help="worktree of the later commit")
    drawing.add_argument("--count", type=int, default=48, help="number of faults (%(default)s)")
    drawing.add_argument("--seed", type=int, required=True, help="the same seed draws the same faults")
    running = commands.add_parser("run", help="put one fault after the other into a tree, and run its listed test")
    running.add_argument("numbers", type=int, nargs="*", help="faults of the list; by default all that have a test")
    running.add_argument("--side", choices=("before", "after"), required=True, help="which commit the tree is of")
    running.add_argument("--tree", type=Path, required=True, help="worktree with its own .venv")
    asked = parser.parse_args()
    if asked.command == "draw":
        listed = {
            side: _git("rev-parse", "--short=8", "HEAD", tree=tree)
            for side, tree in (("before", asked.before), ("after", asked.after))
        }
        faults = draw(list(sites(asked.before, asked.after)), asked.count, asked.seed)
        listed |= {"seed": asked.seed, "faults": faults}
        sys.stdout.write(json.dumps(listed, indent=1, ensure_ascii=False, default=asdict) + "\n")
        return
    if changed := _git("diff", "--name-only", tree=asked.tree):
        raise SystemExit(f"{asked.tree} has changes, perhaps a fault of a run that was killed: {changed}")
    for fault in json.loads(LIST.read_text(encoding="utf-8"))["faults"]:
        test = fault[f"detected_{asked.side}_by"]
        if test and (not asked.numbers or fault["number"] in asked.numbers):
            found = detected(Place(**fault[asked.side]), asked.tree.resolve(), test)
            sys.stdout.write(f"{fault['number']} {'detected' if found else 'NOT DETECTED'} by {test}\n")


if __name__ == "__main__":
    main()
