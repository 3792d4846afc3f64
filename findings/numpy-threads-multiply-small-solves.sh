#!/usr/bin/env bash
# Question: A program solves thousands of equations of 100 unknowns with NumPy. What do OpenBLAS's threads cost, if they
#   are left at their default, one for each core?
# Guess: Little: the matrices are small enough to be done by one thread, or two threads share the same work.
# What happens: Each solve takes many times the processor time of one thread: 5 to 16 times were seen, up to 117 times on
#   a busy machine. By the clock it is slower too. Presumably the threads wait for each other actively. With 64 unknowns
#   there is no difference.
# Versions: numpy 2.4.6 with its OpenBLAS 0.3.31.188, Linux on x86-64 with two cores.
# For a user: For many small matrices set OPENBLAS_NUM_THREADS=1 before NumPy is imported, and give the cores to
#   processes. A benchmark of a small model does not show what a few more features cost.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile numpy==2.4.6

cat >solve.py <<'PY'
import sys
import time

import numpy as np

unknowns = int(sys.argv[1])
numbers = np.random.default_rng(1)
a, b = numbers.normal(size=(unknowns, unknowns)) + unknowns * np.eye(unknowns), numbers.normal(size=unknowns)
np.linalg.solve(a, b)
processor, clock = time.process_time(), time.perf_counter()
for _ in range(1_000):
    np.linalg.solve(a, b)
print(time.process_time() - processor, time.perf_counter() - clock)
PY
venv/bin/python - <<'PY'
import os
import subprocess
import sys

import numpy as np

if len(os.sched_getaffinity(0)) < 2:
    sys.exit("This needs two cores.")
blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
print("numpy", np.__version__, blas["name"], blas["version"], len(os.sched_getaffinity(0)), "cores")
others = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}


def seconds(unknowns, **threads):
    """Processor and clock seconds of a thousand solves, the middle one of three runs."""
    command = [sys.executable, "solve.py", str(unknowns)]
    runs = [subprocess.check_output(command, env=others | threads, text=True).split() for _ in range(3)]
    return sorted((float(processor), float(clock)) for processor, clock in runs)[1]


for unknowns in (64, 100):
    default, one = seconds(unknowns), seconds(unknowns, OPENBLAS_NUM_THREADS="1")
    ratio = default[0] / one[0]
    print(f"{unknowns} unknowns, a thousand times; seconds of processor (and by the clock):", end=" ")
    print(f"default {default[0]:.2f} ({default[1]:.2f}), one thread {one[0]:.2f} ({one[1]:.2f}): {ratio:.1f} times as much")
    if unknowns == 100 and ratio < 2:
        sys.exit("CHANGED: solves with 100 unknowns took twice the processor time at least with default threads")
    if unknowns == 64 and ratio > 1.5:
        sys.exit("CHANGED: solves with 64 unknowns took the same processor time with default threads")
PY
