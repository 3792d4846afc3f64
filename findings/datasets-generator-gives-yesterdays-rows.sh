#!/usr/bin/env bash
# Question: A script makes a dataset by Dataset.from_generator, which reads films.txt. The next day the file has other
#   rows. What does the script give?
# Guess: The new rows: load_dataset("csv", data_files=...) sees that a file has changed.
# What happens: The rows of the day before, in a new process, too, and without a word. The result is kept on disk under
#   a hash of the function and its arguments; the file that it opens, a database that it asks, and the day are no part
#   of it. datasets.disable_caching() changes nothing. So a training of every night learns from the first night.
# Versions: datasets 5.2.0.
# For a user: Pass fingerprint= with the file's size and time, or an own cache_dir. The documentation of fingerprint
#   names what is hashed; that of from_generator says "cache", not that the generator is not run again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datasets==5.2.0 numpy==2.4.6 pandas==3.1.1 pyarrow==25.0.1

export HF_HOME="$work/home" HF_HUB_OFFLINE=1
cat >films.py <<'PY'
import os
import sys

import datasets
from datasets import Dataset, load_dataset

datasets.disable_progress_bars()


def films(path):
    with open(path) as file:
        for line in file:
            yield {"id": int(line)}


way = sys.argv[1]
if way == "csv":
    found = load_dataset("csv", data_files="films.txt", names=["id"])["train"]
elif way == "stat":
    status = os.stat("films.txt")
    found = Dataset.from_generator(films, gen_kwargs={"path": "films.txt"}, fingerprint=f"{status.st_size}-{status.st_mtime_ns}")
else:
    if way == "disabled":
        datasets.disable_caching()
    found = Dataset.from_generator(films, gen_kwargs={"path": "films.txt"})
print(*found["id"])
PY

expect() { # what, wanted output, argument
  local got
  got=$(venv/bin/python films.py "$3" 2>/dev/null)
  printf '%s: %s\n' "$1" "$got"
  [ "$got" = "$2" ] || { printf 'CHANGED: %s was: %s\n' "$1" "$2"; exit 1; }
}

venv/bin/python -c 'import datasets; print("datasets", datasets.__version__)'
printf '%s\n' 1 2 >films.txt
expect 'first day' '1 2' generator
expect 'first day, load_dataset' '1 2' csv
expect 'first day, fingerprint' '1 2' stat
printf '%s\n' 7 8 9 >films.txt
expect 'second day' '1 2' generator
expect 'second day, caching disabled' '1 2' disabled
expect 'second day, load_dataset' '7 8 9' csv
expect 'second day, fingerprint' '7 8 9' stat
