#!/usr/bin/env bash
# Question: csvsort sorts a CSV file by its column id. What does it do to the cells of the other columns?
# Guess: Nothing: its help says "Sort CSV files. Like the Unix "sort" command, but for tabular data."
# What happens: It guesses a type for each column, and prints what it read: 007 becomes 7, 50% becomes 50, the month May
#   the date 0001-05-01, Monday 0001-01-08, 1 and 0 become True and False, 1:30 becomes 0:01:30, the region NA becomes
#   empty, and 9,50, with a decimal comma, becomes 950. There is no warning, and the exit code is 0. csvjoin does the
#   same to both files, and joins the code 007 to the code 7. in2csv, csvjson and csvsql guess alike; csvcut, csvgrep
#   and csvstack leave the cells as they are.
# Versions: csvkit 2.2.0, agate 1.14.2.
# For a user: Pass --no-inference and --blanks to all of them: with the first alone, NA is still emptied. Then ids are
#   sorted as texts. The documentation describes the options, not what happens without them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile csvkit==2.2.0 agate==1.14.2

cat >films.csv <<'CSV'
id,code,seen,month,day,share,length,price,region
2,007,1,May,Monday,50%,1:30,"9,50",NA
1,7,0,June,Friday,5%,2:15,"1,25",DE
CSV
printf 'code,name\n7,Seven\n' >codes.csv

expect() { # what, command...
  local what=$1 got want
  want=$(cat)
  shift
  got=$("$@")
  printf '%s:\n%s\n' "$what" "$got"
  [ "$got" = "$want" ] || { printf 'CHANGED: %s was:\n%s\n' "$what" "$want"; exit 1; }
}

venv/bin/csvsort --version
expect 'csvsort -c id' venv/bin/csvsort -c id films.csv <<'CSV'
id,code,seen,month,day,share,length,price,region
1,7,False,0001-06-01,0001-01-05,5,0:02:15,125,DE
2,7,True,0001-05-01,0001-01-08,50,0:01:30,950,
CSV
expect 'csvsort -I -c id' venv/bin/csvsort -I -c id films.csv <<'CSV'
id,code,seen,month,day,share,length,price,region
1,7,0,June,Friday,5%,2:15,"1,25",DE
2,007,1,May,Monday,50%,1:30,"9,50",
CSV
expect 'csvsort -I --blanks -c id' venv/bin/csvsort -I --blanks -c id films.csv <<'CSV'
id,code,seen,month,day,share,length,price,region
1,7,0,June,Friday,5%,2:15,"1,25",DE
2,007,1,May,Monday,50%,1:30,"9,50",NA
CSV
expect 'csvjoin -c code' venv/bin/csvjoin -c code films.csv codes.csv <<'CSV'
id,code,seen,month,day,share,length,price,region,name
2,7,True,0001-05-01,0001-01-08,50,0:01:30,950,,Seven
1,7,False,0001-06-01,0001-01-05,5,0:02:15,125,DE,Seven
CSV
expect 'csvjoin -I -c code' venv/bin/csvjoin -I -c code films.csv codes.csv <<'CSV'
id,code,seen,month,day,share,length,price,region,name
1,7,0,June,Friday,5%,2:15,"1,25",DE,Seven
CSV
expect 'csvgrep -c code -m 007' venv/bin/csvgrep -c code -m 007 films.csv <<'CSV'
id,code,seen,month,day,share,length,price,region
2,007,1,May,Monday,50%,1:30,"9,50",NA
CSV
