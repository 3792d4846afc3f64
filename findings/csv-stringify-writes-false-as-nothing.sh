#!/usr/bin/env bash
# Question: csv-stringify, the writer of Node's package csv, writes true, false, null and a Date. What do readers get
#   back?
# Guess: true, false, a missing value and the same day: texts that readers know, such as ISO 8601.
# What happens: true becomes 1, and false becomes nothing, as null and an empty text do; so all false values are
#   missing. A Date becomes its milliseconds since 1970, a number, below zero for older days. There is no warning.
#   d3-dsv and Papa Parse write true, false and ISO dates; fast-csv writes "Thu Jan 05 1950 ...", in the zone of the
#   machine.
# Versions: csv-stringify 6.9.0, d3-dsv 3.0.2, papaparse 5.7.1, fast-csv 5.0.8.
# For a user: Pass cast: { boolean: String, date: day => day.toISOString() }. The documentation says so in passing, in
#   an example of quoted_empty: "values of false, null and undefined" are empty.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock csv-stringify@6.9.0 d3-dsv@3.0.2 papaparse@5.7.1 fast-csv@5.0.8

cat >write.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { stringify } from 'csv-stringify/sync'
import { csvFormat, csvParse } from 'd3-dsv'
import { writeToString } from 'fast-csv'
import Papa from 'papaparse'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

for (const name of ['csv-stringify', 'd3-dsv', 'papaparse', 'fast-csv']) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version)
}
const films = [
  { adult: true, day: new Date('2024-06-01') },
  { adult: false, day: new Date('1950-01-05') },
  { adult: null, day: null },
]
const rows = text => csvParse(text).map(row => [row.adult, row.day])
expect('csv-stringify', rows(stringify(films, { header: true })), [['1', '1717200000000'], ['', '-630806400000'], ['', '']])
expect('d3-dsv', rows(csvFormat(films)), [['true', '2024-06-01'], ['false', '1950-01-05'], ['', '']])
expect('papaparse', rows(Papa.unparse(films)), [['true', '2024-06-01T00:00:00.000Z'], ['false', '1950-01-05T00:00:00.000Z'], ['', '']])
const dated = await writeToString(films, { headers: true })
expect('fast-csv', rows(dated).map(([adult, day]) => [adult, day.slice(0, 15)]), [['true', 'Sat Jun 01 2024'], ['false', 'Thu Jan 05 1950'], ['', '']])
const cast = { boolean: String, date: day => day.toISOString() }
expect('csv-stringify with cast', rows(stringify(films, { header: true, cast })), [['true', '2024-06-01T00:00:00.000Z'], ['false', '1950-01-05T00:00:00.000Z'], ['', '']])
JS
TZ=UTC node write.mjs
