#!/usr/bin/env bash
# Question: Miller groups and joins films by the genres that two catalogues give them. Cells hold several genres, with
#   commas between them, as in IMDb's dumps. How many groups are there?
# Guess: One for each pair of cells.
# What happens: The key is the cells, joined by a comma. So ("Drama,War", "Crime") and ("Drama", "War,Crime") are one
#   group, in count, count-distinct, stats1, top, uniq, head and nest; the output shows the cells of the first, with the
#   sums of both. join matches the two rows, too, and shows the cells of the left file, so that rows appear that are in
#   neither. Conditions in filter and put compare cell by cell and are right; so is SQLite.
# Versions: miller 6.6.0 of Debian 12; SQLite of the Python in use.
# For a user: Group by one field, made by put '$key = $ours . "|" . $theirs', with a sign that the cells do not have.
#   The reference describes the group-by fields, but not the key.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=6.6.0-2+b3
apt-get download -o APT::Sandbox::User=root --quiet --quiet miller="$version" || { echo "needs miller $version of Debian 12 (after apt-get update)"; exit 1; }
dpkg -x miller_*.deb .
mlr() { ./usr/bin/mlr --csv "$@"; }

cat >films.csv <<'CSV'
ours,theirs,votes
"Drama,War",Crime,10
Drama,"War,Crime",3
Comedy,Comedy,5
CSV
printf 'ours,theirs,name\nDrama,"War,Crime",x\n' >names.csv

expect() { # what, command...
  local what=$1 got want
  want=$(cat)
  shift
  got=$("$@")
  printf '%s:\n%s\n' "$what" "$got"
  [ "$got" = "$want" ] || { printf 'CHANGED: %s was:\n%s\n' "$what" "$want"; exit 1; }
}

mlr --version
expect 'stats1 -a sum -f votes -g ours,theirs' mlr stats1 -a sum -f votes -g ours,theirs films.csv <<'CSV'
ours,theirs,votes_sum
"Drama,War",Crime,13
Comedy,Comedy,5
CSV
expect 'uniq -g ours,theirs' mlr uniq -g ours,theirs films.csv <<'CSV'
ours,theirs
"Drama,War",Crime
Comedy,Comedy
CSV
expect 'join -j ours,theirs' mlr join -j ours,theirs -f names.csv films.csv <<'CSV'
ours,theirs,name,votes
Drama,"War,Crime",x,10
Drama,"War,Crime",x,3
CSV
expect 'filter' mlr filter '$ours == "Drama" && $theirs == "War,Crime"' films.csv <<'CSV'
ours,theirs,votes
Drama,"War,Crime",3
CSV
python3 - <<'PY'
import csv
import sqlite3

database = sqlite3.connect(":memory:")
database.execute("create table films (ours, theirs, votes int)")
with open("films.csv") as file:
    database.executemany("insert into films values (?, ?, ?)", list(csv.reader(file))[1:])
print("SQLite:", *database.execute("select ours, theirs, sum(votes) from films group by ours, theirs").fetchall())
PY
