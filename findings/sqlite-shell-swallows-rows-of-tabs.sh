#!/usr/bin/env bash
# Question: A tab-separated file without quoting, as IMDb's dumps are, has a title that begins with a quote, and two
#   rows below one that ends with a quote. How many of its six rows does the SQLite shell import by ".mode tabs"?
# Guess: Six: a tab separates, and a quote is a character like others.
# What happens: Four, without a warning, and with exit code 0. A quote at the start of a field opens a field of CSV, up
#   to the next quote before a separator: two rows vanish in the title of a third. "Them!" loses its quotes. Miller's
#   --icsv --ifs tab and d3.tsvParse read the same four rows. ".mode ascii" with both separators set, and Miller's
#   --itsv, read six.
# Versions: sqlite3 3.40.1 and miller 6.6.0 of Debian 12, d3-dsv 3.0.2.
# For a user: In the shell: .mode ascii, .separator "\t" "\n", then .import. Compare the number of rows with that of
#   lines. The shell's help on .import does not say that the mode tabs has quotes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in sqlite3=3.40.1-2+deb12u2 miller=6.6.0-2+b3; do
  apt-get download -o APT::Sandbox::User=root --quiet --quiet "$package" || { echo "needs $package of Debian 12 (after apt-get update)"; exit 1; }
done
for file in *.deb; do dpkg -x "$file" .; done
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock d3-dsv@3.0.2

printf '%s\t%s\t%s\n' id title year 1 Alien 1979 2 '"Giant' 1956 3 Metropolis 1927 4 'Big "' 1988 5 '"Them!"' 1954 6 Clue 1985 >films.tsv

expect() { # what, wanted output, command...
  local what=$1 want=$2 got
  shift 2
  got=$("$@" 2>&1)
  printf '%s: %s\n' "$what" "$got"
  [ "$got" = "$want" ] || { printf 'CHANGED: %s was: %s\n' "$what" "$want"; exit 1; }
}

sqlite() { ./usr/bin/sqlite3 :memory: "$@"; }
miller() { ./usr/bin/mlr --onidx "$@" cut -f id films.tsv | paste -s -d ' '; }
ids="select group_concat(id, ' ') from films"
sqlite 'select sqlite_version()'
./usr/bin/mlr --version
expect 'sqlite3 .mode tabs' '1 2 5 6' sqlite '.mode tabs' '.import films.tsv films' "$ids"
expect 'line ends in the title of 2' 2 sqlite '.mode tabs' '.import films.tsv films' "select length(title) - length(replace(title, char(10), '')) from films where id = 2"
expect 'title of 5' 'Them!' sqlite '.mode tabs' '.import films.tsv films' '.mode list' 'select title from films where id = 5'
expect 'sqlite3 .mode ascii' '1 2 3 4 5 6' sqlite '.mode ascii' '.separator "\t" "\n"' '.import films.tsv films' '.mode list' "$ids"
expect 'mlr --icsv --ifs tab' '1 2 5 6' miller --icsv --ifs tab
expect 'mlr --itsv' '1 2 3 4 5 6' miller --itsv
expect 'd3.tsvParse' '1 2 5 6' node --input-type=module --eval "import { readFileSync } from 'node:fs'; import { tsvParse } from 'd3-dsv'; console.log(tsvParse(readFileSync('films.tsv', 'utf8')).map(row => row.id).join(' '))"
