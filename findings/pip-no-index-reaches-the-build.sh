#!/usr/bin/env bash
# Question: A requirements.txt starts with --no-index and --find-links and names wheels that are all in that folder. Is
#   `pip install . -r requirements.txt`, as sagemaker-containers runs it on a model's code, enough without a registry?
# Guess: Yes for the requirements, as `pip install -r requirements.txt` shows; the code beside them has no requirement of
#   its own, and `pip install .` works too. The options of a file hold for what the file lists.
# What happens: They hold for the whole command, and for the environment in which the code is built: pip looks for
#   setuptools in the folder of wheels, and fails although setuptools is installed. Nothing is installed.
# Versions: pip 26.3; pip 23.2.1 does the same.
# For a user: Put the wheel of setuptools into the folder; it need not be named in requirements.txt.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pip==26.3 setuptools==80.9.0
mkdir wheels code
venv/bin/pip download --quiet --disable-pip-version-check --no-deps --dest wheels six==1.17.0
venv/bin/pip download --quiet --disable-pip-version-check --no-deps --dest setuptools setuptools==80.9.0
echo "from setuptools import setup; setup(name='inference', version='1.0', py_modules=['inference'])" >code/setup.py
touch code/inference.py
printf '%s\n' --no-index "--find-links $work/wheels" six==1.17.0 >code/requirements.txt
cd code
venv=$work/venv/bin
"$venv/pip" --version | cut -d ' ' -f 1-2

# expect OUTCOME ARGUMENT... - runs pip install with the arguments, and says whether it succeeds.
expect() {
  local wanted=$1 outcome=succeeds
  shift
  "$venv/pip" uninstall --quiet --yes six inference 2>/dev/null
  "$venv/pip" install --disable-pip-version-check --no-compile "$@" >"$work/log" 2>&1 || outcome=fails
  echo "pip install $*: $outcome"
  if [ "$outcome" != "$wanted" ]; then
    cat "$work/log"
    echo "CHANGED: pip install $* $wanted"
    exit 1
  fi
}

expect succeeds .
export PIP_CONFIG_FILE=/dev/null # from here on no folder of wheels but the file's
unset PIP_FIND_LINKS
expect succeeds -r requirements.txt
expect fails . -r requirements.txt
grep --max-count=1 "No matching distribution found for setuptools" "$work/log"
cp "$work"/setuptools/*.whl "$work/wheels"
expect succeeds . -r requirements.txt
