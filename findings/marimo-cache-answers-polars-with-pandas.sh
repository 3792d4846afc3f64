#!/usr/bin/env bash
# Question: A function under marimo's @mo.cache is called with a pandas frame, and then with a Polars frame of the
#   same values. What does the second call return?
# Guess: What the function makes of a Polars frame: the cache knows its arguments.
# What happens: It returns the pandas result without running the function, and an Arrow table gets it, too: the key is
#   made of the values. The same holds for True after 1. A frame in another order of columns, with another type, or
#   lazy, is another key. A decimal column of Polars is no key at all: the call fails.
# Versions: marimo 0.25.2, polars 2.1.0, pandas 3.1.1, pyarrow 25.0.1.
# For a user: A notebook that compares libraries compares one with itself, and a cell may fail only if another ran
#   before. Give each library a function of its own, or pass the library's name as an argument; type(frame) does not
#   help.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile marimo==0.25.2 polars==2.1.0 pandas==3.1.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pathlib
import subprocess

pathlib.Path("notebook.py").write_text('''
import marimo

app = marimo.App()


@app.cell
def _():
    from decimal import Decimal
    import marimo as mo
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    runs = []

    @mo.cache
    def first(frame, kind=None):
        runs.append(frame)
        return frame[:1]

    @mo.cache
    def double(number):
        return number * 2 if number is not True else "yes"

    def ask(frame, *kind):
        runs.clear()
        return type(first(frame, *kind)).__module__.split(".")[0], len(runs)

    films = {"votes": [1, 2]}
    frames = pd.DataFrame(films), pl.DataFrame(films), pa.table(films)
    print([ask(frame) for frame in frames])
    print([ask(frame, type(frame).__module__) for frame in frames])
    print([double(1), double(True), double(1.0)])
    try:
        print(ask(pl.DataFrame({"votes": [Decimal("1.5")]})))
    except TypeError as error:
        print(type(error).__name__)


if __name__ == "__main__":
    app.run()
''')
said = subprocess.run([sys.executable, "-W", "ignore", "notebook.py"], check=True, capture_output=True, text=True).stdout.splitlines()
expect("library of the result, and runs", said[0], "[('pandas', 1), ('pandas', 0), ('pandas', 0)]")
expect("with the library as a text", said[1], "[('pandas', 1), ('polars', 1), ('pyarrow', 1)]")
expect("1, True, 1.0", said[2], "[2, 2, 2.0]")
expect("a decimal column", said[3], "TypeError")
PY
